/** What is held in memory, after everything that nobody holds was given back. */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes of the heap and of buffers outside it. */
export async function heldBytes(): Promise<number> {
  // Twice, with a turn of the loop between them: what a finaliser lets go of is collected only afterwards.
  for (let round = 0; round < 2; round += 1) {
    collect();
    await setTimeout(50);
  }
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
