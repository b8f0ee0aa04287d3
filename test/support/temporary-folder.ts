/**
 * A folder that goes away with the test that asked for it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes an empty folder for the running test. */
export function temporaryFolder(): string {
  const folder = makeTemporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes an empty folder; whoever asked removes it. */
export function makeTemporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ringkey-test-'));
}
