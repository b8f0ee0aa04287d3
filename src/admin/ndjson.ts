/**
 * Answers that are lines of JSON.
 */
import { once } from 'node:events';
import type { Response } from 'express';

/** Writes a line, and waits for a client that reads slowly, unless it goes away. */
export async function writeLine(response: Response, line: object): Promise<void> {
  if (response.write(`${JSON.stringify(line)}\n`) || response.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}
