/**
 * Files that several processes may want to make at the same moment: one of them does, and nobody ever reads half of one.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file for its owner alone, whole or not at all. It is written beside its place and then linked to its name.
 * @returns false when there is one of this name already, which stays as it is.
 */
export function writeOnce(path: string, text: string): boolean {
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    return linkOnce(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives a file another name; false when there is a file of that name already, which stays as it is. */
export function linkOnce(file: string, path: string): boolean {
  try {
    linkSync(file, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
