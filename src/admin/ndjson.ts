/**
 * Answers that are streamed, most of them as lines of JSON.
 */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

export const ndjson = 'application/x-ndjson';

/** Writes a line, and waits for a client that reads slowly, unless it goes away. */
export async function writeLine(response: Response, line: object): Promise<void> {
  if (response.write(`${JSON.stringify(line)}\n`) || response.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}

/** Sends pieces of text as they come, and no faster than the client reads. Whoever hangs up in the middle has what they wanted. */
export async function stream(response: Response, type: string, pieces: AsyncIterable<string>): Promise<void> {
  response.type(type);
  await pipeline(Readable.from(pieces), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
