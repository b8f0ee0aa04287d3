/**
 * The files that browsers are served: our own from `pages/`, and the libraries they import. They are read once, at start-up, so an
 * address either names one of them or nothing.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
}

export interface Pages {
  /** By the path under `/assets/`, such as `lib/preact.js`. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** The documents of pages, by the name of their folder, such as `admin`. */
  readonly documents: ReadonlyMap<string, Asset>;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

const folder = fileURLToPath(new URL('../../pages', import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Reads them.
 * @throws an error that names the file or package, when the installation isn't whole.
 */
export function loadPages(): Pages {
  const assets = new Map<string, Asset>();
  const documents = new Map<string, Asset>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = types[extname(path)];
    if (type === undefined) continue;
    const asset = assetOf(type, readFileSync(join(folder, path)));
    if (path.endsWith('.html')) documents.set(dirname(path), asset);
    else assets.set(path, asset);
  }
  for (const [name, content] of libraries()) {
    assets.set(`lib/${name}`, assetOf(types[extname(name)] ?? '', Buffer.from(content)));
  }
  return { assets, documents };
}

/** Each library as its package has it for browsers. Browsers don't know package names, so imports by name become paths. */
function libraries(): [name: string, content: string][] {
  const textOf = (entry: string, file: string) => readFileSync(join(dirname(entry), file), 'utf8');
  return [
    ['preact.js', withoutMap(textOf(require.resolve('preact'), 'preact.module.js'))],
    ['hooks.js', withPaths(withoutMap(textOf(require.resolve('preact/hooks'), 'hooks.module.js')))],
    ['htm.js', textOf(require.resolve('htm'), 'htm.module.js')],
    ['uplot.js', textOf(require.resolve('uplot'), 'uPlot.esm.js')],
    ['uplot.css', textOf(require.resolve('uplot'), 'uPlot.min.css')],
  ];
}

function withPaths(text: string): string {
  const changed = text.replaceAll(/from\s?"preact"/g, 'from"./preact.js"');
  if (changed === text) throw new Error('The package preact has another form than expected: run npm ci.');
  return changed;
}

function withoutMap(text: string): string {
  return text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}

function assetOf(type: string, content: Buffer): Asset {
  return {
    type,
    content,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
  };
}
