/**
 * Opens an LMDB file, having looked at it first, because LMDB ends the process over a file that isn't one or was cut short.
 * The layout is that of `MDB_page` and `MDB_meta` in lmdb's `mdb.c`, 64 bits, little-endian.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import { reasonOf, StoreOpenError, systemCodeOf } from './open-error.ts';

const magic = 0xbeefc0de;
const pageHeaderBytes = 24;
const metaBytes = 136;

/** The name of the store's file in the data folder, and in a backup. */
export const storeFileName = 'ringkey.mdb';

/** In the place of a root: its table is empty. */
const noPage = 0xffff_ffff_ffff_ffffn;

/** @throws StoreOpenError when the file is damaged, foreign or out of reach. It is left as it is. */
export function openLmdbFile(path: string): RootDatabase {
  return openChecked(path, {});
}

/**
 * Opens a file to read it, also while another process writes it.
 * @throws StoreOpenError as {@link openLmdbFile} does.
 */
export function openLmdbCopy(path: string): RootDatabase {
  return openChecked(path, { readOnly: true });
}

function openChecked(path: string, more: { readonly readOnly?: true }): RootDatabase {
  try {
    const damage = damageOf(path);
    if (damage !== null) throw new Error(damage);
    return open({ ...optionsFor(path), ...more });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** A file that can't be used, for the operator. */
export function unusable(path: string, cause: unknown): StoreOpenError {
  return new StoreOpenError(
    `${path} can't be opened (${reasonOf(cause)}): restore it from a backup, or set DATA_DIR to another folder.`,
    { cause },
  );
}

function optionsFor(path: string) {
  return {
    path,
    noSubdir: true,
    encoding: 'json' as const,
    // Without it a transaction resolves only when it has been synced to the disk; with it, earlier.
    overlappingSync: false,
    // With it, lmdb makes a promise of its own for each batch, and a full disk ends the process by its rejection.
    eventTurnBatching: false,
    // Read by lmdb's native part and missing in its types.
    permissionsMode: 0o600,
  };
}

/** What is wrong with the file; null when it can be opened, or isn't there yet. */
function damageOf(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return null;
    const first = readMeta(file, 0);
    if (first === null) return 'it is no LMDB file';
    const second = readMeta(file, first.pageSize);
    if (second === null) return 'its second meta page is damaged';
    const latest = second.transaction > first.transaction ? second : first;
    const needed = (latest.lastPage + 1n) * BigInt(first.pageSize);
    if (BigInt(size) < needed) return `it was cut short: ${size} of ${needed} bytes`;
    const damaged = latest.roots.find((root) => !isPage(file, root, first.pageSize));
    return damaged === undefined ? null : `its page ${damaged} is damaged`;
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, position: number) {
  const page = Buffer.alloc(pageHeaderBytes + metaBytes);
  if (readSync(file, page, 0, page.length, position) < page.length) return null;
  const meta = page.subarray(pageHeaderBytes);
  if (meta.readUInt32LE(0) !== magic) return null;
  const pageSize = meta.readUInt32LE(24);
  const isPowerOfTwo = (pageSize & (pageSize - 1)) === 0;
  if (pageSize < 512 || pageSize > 65_536 || !isPowerOfTwo) return null;
  const roots = [meta.readBigUInt64LE(64), meta.readBigUInt64LE(112)].filter((root) => root !== noPage);
  return { pageSize, roots, lastPage: meta.readBigUInt64LE(120), transaction: meta.readBigUInt64LE(128) };
}

/** Whether a page is what it is to be: each begins with its own number. */
function isPage(file: number, page: bigint, pageSize: number): boolean {
  const header = Buffer.alloc(8);
  const position = page * BigInt(pageSize);
  return readSync(file, header, 0, 8, position) === 8 && header.readBigUInt64LE(0) === page;
}
