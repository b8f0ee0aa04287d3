/**
 * What we are made of is pinned, looked at, and told: versions, licences, install scripts.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  idOf,
  isAllowed,
  type Package,
  packagesOf,
  unrunInstallScripts,
  withTable,
} from '../../scripts/supply/packages.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const versions = z.record(z.string(), z.string());
const manifest = z
  .object({ dependencies: versions, devDependencies: versions, overrides: versions })
  .parse(JSON.parse(read('package.json')));
const packages = packagesOf(read('package-lock.json'));
const document = read('docs/supply.md');

/** What `list` says of packages that aren't as they should be. */
function complaints(list: readonly Package[]): string[] {
  return list.flatMap((one) => [
    ...(isAllowed(one) ? [] : [`${idOf(one)}: ${one.licence}`]),
    ...(!one.hasInstallScript || one.name in unrunInstallScripts ? [] : [`${idOf(one)}: install script`]),
    ...(one.integrity.startsWith('sha512-') ? [] : [`${idOf(one)}: no digest`]),
  ]);
}

const entry = {
  version: '1.0.0',
  license: 'MIT',
  integrity: 'sha512-AA==',
};

/** A lockfile with one package of ours, and `package` in it. */
const lockfileWith = (one: object) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: { '': { version: '0.1.0' }, 'node_modules/a/node_modules/@b/c': { ...entry, ...one } },
  });

test('every dependency is asked for by its exact version', () => {
  const asked = Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.overrides,
  });
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('what is asked for is what is locked', () => {
  const locked = new Set(packages.map(idOf));
  const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(asked.map(([name, version]) => idOf({ name, version })).filter((id) => !locked.has(id))).toEqual([]);
});

test('npm runs no script of a package', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
});

test('every package has a licence that is allowed, a digest, and no install script that nobody looked at', () => {
  expect(packages.length).toBeGreaterThan(200);
  expect(complaints(packages)).toEqual([]);
});

test('no explanation is left of an install script that is gone', () => {
  const scripts = packages.filter((one) => one.hasInstallScript).map(({ name }) => name);
  expect(Object.keys(unrunInstallScripts).filter((name) => !scripts.includes(name))).toEqual([]);
  expect(Object.keys(unrunInstallScripts).filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

test('docs/supply.md lists what runs in production as it is: `npm run supply -- --offline` writes it', () => {
  expect(withTable(document, packages, new Set(Object.keys(manifest.dependencies)))).toBe(document);
});

describe('complaints', () => {
  test.each([
    ['nothing that is wrong', {}, []],
    ['a licence that asks for more', { license: 'AGPL-3.0-only' }, ['@b/c@1.0.0: AGPL-3.0-only']],
    ['no licence', { license: undefined }, ['@b/c@1.0.0: ']],
    [
      'a licence beside an allowed one',
      { license: 'MIT AND GPL-3.0-only' },
      ['@b/c@1.0.0: MIT AND GPL-3.0-only'],
    ],
    ['a choice of licences', { license: '(GPL-3.0-only OR MIT)' }, []],
    ["a tool's licence in production", { license: 'MPL-2.0' }, ['@b/c@1.0.0: MPL-2.0']],
    ["a tool's licence on a tool", { license: 'MPL-2.0', dev: true }, []],
    ['a tool that asks for more', { license: 'AGPL-3.0-only', dev: true }, ['@b/c@1.0.0: AGPL-3.0-only']],
    // What a tool needs and what production may do without.
    ["a tool's licence on both", { license: 'MPL-2.0', devOptional: true }, ['@b/c@1.0.0: MPL-2.0']],
    ['an install script', { hasInstallScript: true }, ['@b/c@1.0.0: install script']],
    ['no digest', { integrity: undefined }, ['@b/c@1.0.0: no digest']],
  ])('are made of %s', (_, one, expected) => {
    expect(complaints(packagesOf(lockfileWith(one)))).toEqual(expected);
  });

  test('are not made of another form of lockfile: it is refused', () => {
    expect(() => packagesOf('{"lockfileVersion":4,"packages":{}}')).toThrow();
  });
});

test('a document without a place for the table is refused', () => {
  expect(() => withTable('# Supply\n', packages, new Set())).toThrow('packages: begin');
});
