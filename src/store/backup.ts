/**
 * A copy of the embedded store while it is in use. LMDB lets a second process read one state of the file while the first goes on writing
 * (`mdb_env_copy`), so that the copy is what was committed at one moment.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { openLmdbCopy, storeFileName } from './lmdb-file.ts';
import { reasonOf, StoreOpenError } from './open-error.ts';

/** What was copied: where to, how many documents, and how large the file is. */
export interface StoreBackup {
  readonly path: string;
  readonly documents: number;
  readonly bytes: number;
}

/**
 * Copies the store of a data folder into another folder, which is made if it isn't there. It has its name there only once it is whole,
 * has been opened, and is on the disk. Secrets aren't copied.
 * @throws StoreOpenError when there is no store, when it is damaged, or when the copy can't be written or is there already.
 */
export async function backUpStore(dataFolder: string, target: string): Promise<StoreBackup> {
  const source = join(dataFolder, storeFileName);
  const path = join(target, storeFileName);
  if (!existsSync(source))
    throw new StoreOpenError(`There is no ${source}: set DATA_DIR to the data folder.`);
  if (existsSync(path)) throw new StoreOpenError(`${path} is there already: name a folder without a backup.`);
  const draft = `${path}.${process.pid}`;
  const root = openLmdbCopy(source);
  try {
    makeFolder(target);
    await root.backup(draft, false);
    chmodSync(draft, 0o600);
    sync(draft);
    const documents = await countDocuments(draft);
    renameSync(draft, path);
    sync(target);
    return { path, documents, bytes: statSync(path).size };
  } catch (error) {
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError(`${path} can't be written: ${reasonOf(error)}.`, { cause: error });
  } finally {
    await root.close();
    for (const left of [draft, `${draft}-lock`]) rmSync(left, { force: true });
  }
}

async function countDocuments(path: string): Promise<number> {
  const copy = openLmdbCopy(path);
  try {
    return copy.openDB({ name: 'documents' }).getCount();
  } finally {
    await copy.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
