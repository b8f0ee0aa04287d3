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

const made = new Set<string>();

/** Makes an empty folder; whoever asked removes it. What is left when this process exits goes then. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringkey-test-'));
  if (made.size === 0) process.once('exit', removeAll);
  made.add(folder);
  return folder;
}

function removeAll(): void {
  // Something that is about to end with this process may still write there.
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
