/** The bill of materials, in the form of CycloneDX, of what runs in production. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { idOf, type Package } from './packages.ts';

const component = z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string() });

const sbomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

export type Sbom = z.infer<typeof sbomSchema>;

/** npm's own bill of materials of everything in the lockfile of `folder`, tools included. */
export async function npmSbom(folder: string): Promise<Sbom> {
  const form = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const { stdout } = await promisify(execFile)('npm', ['sbom', '--package-lock-only', ...form], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return sbomSchema.parse(JSON.parse(stdout));
}

/**
 * `sbom` without the tools. `npm sbom --omit dev` isn't used: it also leaves out what a tool needs besides us, such as
 * `zod` and `nodemailer`. Throws when a package of production is missing.
 */
export function inProduction(sbom: Sbom, packages: readonly Package[], name: string): Sbom {
  const wanted = new Set(packages.filter((one) => one.inProduction).map(idOf));
  const components = sbom.components.filter((one) => wanted.has(idOf(one)));
  const found = new Set(components.map(idOf));
  const missing = [...wanted].filter((id) => !found.has(id));
  if (missing.length > 0) throw new Error(`not in npm's bill of materials: ${missing.join(', ')}`);

  const product = sbom.metadata.component;
  const refs = new Set([product['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  return {
    ...sbom,
    // npm names the product after the folder that it lies in.
    metadata: { ...sbom.metadata, component: { ...product, name } },
    components,
    dependencies: sbom.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => refs.has(ref)) })),
  };
}
