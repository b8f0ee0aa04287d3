/** What holds against packages that nobody looked at. */
import type { Defence } from './defence.ts';

const packagesTest = (name: string) => ({ file: 'test/supply/packages.test.ts', name });

export const defences: readonly Defence[] = [
  {
    name: 'a licence is allowed, or it is told',
    file: 'scripts/supply/packages.ts',
    find: '.every((one) => allowed.includes(one))',
    replace: '.every((one) => allowed.includes(one) || one !== "")',
    test: packagesTest('a licence that asks for more'),
  },
  {
    name: 'a package of production has a licence that is not allowed',
    isFault: true,
    file: 'package-lock.json',
    find: '    "node_modules/zod": {',
    replace: `    "node_modules/a": { "version": "1.0.0", "license": "AGPL-3.0-only", "integrity": "sha512-AA==" },
    "node_modules/zod": {`,
    test: packagesTest(
      'every package has a licence that is allowed, a digest, and no install script that nobody looked at',
    ),
  },
  {
    name: 'npm runs no script of a package as it is installed',
    file: '.npmrc',
    find: 'ignore-scripts=true',
    replace: 'ignore-scripts=false',
    test: packagesTest('npm runs no script of a package'),
  },
  {
    name: 'a bill of materials that lacks a package is refused',
    file: 'scripts/supply/sbom.ts',
    find: 'if (missing.length > 0) throw',
    replace: 'if (missing.length < 0) throw',
    test: { file: 'test/supply/sbom.test.ts', name: 'a package that npm leaves out is noticed' },
  },
];
