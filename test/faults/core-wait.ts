/** How long the machine had this thread wait although it had something to do. */
import { existsSync, readFileSync } from 'node:fs';

/** Linux tells it for each thread: ns that it ran, ns that it waited for a core, how often it ran (proc(5)). */
const file = '/proc/thread-self/schedstat';
const isTold = existsSync(file);

/** In ms, since the thread began. Where the system doesn't tell: 0. */
export function waitedForCoreMs(): number {
  return isTold ? Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6 : 0;
}
