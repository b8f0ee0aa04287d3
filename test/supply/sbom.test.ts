/**
 * The bill of materials names what runs in production: all of it, and nothing else.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { idOf, packagesOf } from '../../scripts/supply/packages.ts';
import { inProduction, npmSbom, type Sbom } from '../../scripts/supply/sbom.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = packagesOf(readFileSync(join(root, 'package-lock.json'), 'utf8'));
let everything: Sbom;
let sbom: Sbom;

beforeAll(async () => {
  everything = await npmSbom(root);
  sbom = inProduction(everything, packages, 'ringkey');
});

test('each package that runs in production is in it, with its licence and digest, and no tool is', () => {
  const product = packages.filter((one) => one.inProduction);
  expect(product.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['argon2', 'zod', 'nodemailer', 'debug']),
  );
  expect(sbom.components.map(idOf).sort()).toEqual(product.map(idOf).sort());
  for (const one of sbom.components) {
    expect(one).toMatchObject({ licenses: [{ license: {} }], hashes: [{ alg: 'SHA-512' }] });
  }
});

test('it says what needs what, and names nothing that is not in it', () => {
  const product = sbom.metadata.component['bom-ref'];
  const refs = new Set([product, ...sbom.components.map((one) => one['bom-ref'])]);
  const edges = sbom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  expect(edges.filter((ref) => !refs.has(ref))).toEqual([]);
  expect(sbom.dependencies.find(({ ref }) => ref === product)?.dependsOn).toContain(
    packages.filter(({ name }) => name === 'zod').map(idOf)[0],
  );
});

test('it is of Ringkey, in whichever folder it lies', () => {
  expect(sbom.metadata.component).toMatchObject({ name: 'ringkey', type: 'application' });
});

test('a package that npm leaves out is noticed', () => {
  const less = { ...everything, components: everything.components.filter(({ name }) => name !== 'zod') };
  expect(() => inProduction(less, packages, 'ringkey')).toThrow('zod@');
});
