/**
 * What Ringkey is made of: licences, a bill of materials, and what is known against it.
 *
 *     npm run supply [-- --offline]
 *
 * Writes the table in `docs/supply.md` and `sbom.cdx.json`. Exits with 1 for a licence that isn't allowed, an install script
 * that isn't explained, an advisory that isn't, and when the registry can't be asked for advisories; `--offline` doesn't ask.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AuditUnavailable, audit, explained } from './supply/audit.ts';
import {
  countLicences,
  idOf,
  isAllowed,
  packagesOf,
  unrunInstallScripts,
  withTable,
} from './supply/packages.ts';
import { inProduction, npmSbom } from './supply/sbom.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = z
  .object({ name: z.string(), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const packages = packagesOf(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const product = packages.filter((one) => one.inProduction);

function complain(text: string): void {
  console.error(text);
  process.exitCode = 1;
}

console.log(`${product.length} packages in production, ${packages.length - product.length} tools.`);
for (const [licence, count] of countLicences(product)) console.log(`  ${licence}: ${count}`);
for (const one of packages) {
  if (!isAllowed(one)) complain(`${idOf(one)}: the licence "${one.licence}" is not allowed here`);
  if (one.hasInstallScript && !(one.name in unrunInstallScripts))
    complain(`${idOf(one)} wants to run a script as it is installed, and nobody has said why it needn't`);
}

const document = join(root, 'docs', 'supply.md');
writeFileSync(
  document,
  withTable(readFileSync(document, 'utf8'), packages, new Set(Object.keys(manifest.dependencies))),
);

const sbom = inProduction(await npmSbom(root), packages, manifest.name);
writeFileSync(join(root, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`sbom.cdx.json: CycloneDX ${sbom.specVersion}, ${sbom.components.length} components.`);

if (!process.argv.includes('--offline')) {
  try {
    const advisories = await audit(root);
    console.log(`npm audit: ${advisories.length} advisories.`);
    for (const { url, severity, packageName, title } of advisories) {
      const reason = explained[url];
      if (reason === undefined) complain(`${packageName}: ${title} (${severity}, ${url})`);
      else console.log(`${packageName}: ${title} (${severity}, ${url}): ${reason}`);
    }
  } catch (error) {
    if (!(error instanceof AuditUnavailable)) throw error;
    complain(`npm audit got no answer, so nothing is known: ${error.message}`);
  }
}
