/** What `package-lock.json` says of the packages that we use, and what may stand there. */
import { z } from 'zod';
import { withTextBetween } from '../documents/markers.ts';

/** A package as the lockfile pins it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** SPDX, as the package states it; empty when it states none. */
  readonly licence: string;
  /** Whether it is needed to run Ringkey; the others are for those who work on it. */
  readonly inProduction: boolean;
  readonly hasInstallScript: boolean;
  /** The digest that `npm ci` holds the download to. */
  readonly integrity: string;
}

const lockfile = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string(),
      license: z.string().default(''),
      dev: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
      integrity: z.string().default(''),
    }),
  ),
});

const lastFolder = /.*node_modules\//;

/** Every package of a lockfile but our own, sorted by name. Throws on a lockfile of another form. */
export function packagesOf(text: string): Package[] {
  return Object.entries(lockfile.parse(JSON.parse(text)).packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({
      name: path.replace(lastFolder, ''),
      version: entry.version,
      licence: entry.license,
      inProduction: !entry.dev,
      hasInstallScript: entry.hasInstallScript,
      integrity: entry.integrity,
    }))
    .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** `name@version`, as a bill of materials names a package. */
export function idOf({ name, version }: Pick<Package, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

/** How many packages have each licence, the most frequent first. */
export function countLicences(packages: readonly Package[]): [licence: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** Licences that ask for no more than a notice. */
const permissive = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
];

/**
 * Licences of tools, which nobody who runs Ringkey gets: MPL-2.0 asks that changes of its files be published, and we change
 * none; CC-BY-4.0 is that of a table of browsers.
 */
const forToolsOnly = ['MPL-2.0', 'CC-BY-4.0'];

/** Whether an SPDX expression leaves us a choice within what is allowed. `WITH` and nested parentheses are not. */
export function isAllowed({ licence, inProduction }: Pick<Package, 'licence' | 'inProduction'>): boolean {
  const allowed = inProduction ? permissive : [...permissive, ...forToolsOnly];
  return licence
    .replaceAll(/^\(|\)$/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => allowed.includes(one)));
}

/**
 * The packages whose install script isn't run (`ignore-scripts` in `.npmrc`), and why they work without it. One that isn't
 * here has to be looked at before it comes in.
 */
export const unrunInstallScripts: Readonly<Record<string, string>> = {
  argon2:
    'brings its binaries along, for Linux, macOS, Windows and FreeBSD; the script would build one elsewhere',
  esbuild: 'takes its binary from one of its optional packages; the script would only shorten the way to it',
  lmdb: 'takes its binary from one of its optional packages; the script would build one elsewhere',
  'msgpackr-extract': 'only makes `lmdb` faster; without a binary of its own, JavaScript does it',
};

const markers = { begin: '<!-- packages: begin -->', end: '<!-- packages: end -->' };

/** `document` with the table of the packages in production between its markers. Throws when it has none. */
export function withTable(
  document: string,
  packages: readonly Package[],
  direct: ReadonlySet<string>,
): string {
  const rows = packages
    .filter(({ inProduction }) => inProduction)
    .map(
      (one) => `| ${direct.has(one.name) ? `**${one.name}**` : one.name} | ${one.version} | ${one.licence} |`,
    );
  const table = ['| package | version | licence |', '|---|---|---|', ...rows].join('\n');
  return withTextBetween(document, markers, table);
}
