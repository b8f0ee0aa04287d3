/** How long a disk takes to keep something for good. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';

/** @returns how long each of so many pages of 4 KiB took to be written and synced, one after the other, in ms. */
export function syncMs(times: number): number[] {
  const folder = makeTemporaryFolder();
  const file = openSync(join(folder, 'synced'), 'w');
  const page = Buffer.alloc(4096, 1);
  try {
    return Array.from({ length: times }, (_, index) => {
      const began = performance.now();
      writeSync(file, page, 0, page.length, index * page.length);
      fdatasyncSync(file);
      return performance.now() - began;
    });
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}
