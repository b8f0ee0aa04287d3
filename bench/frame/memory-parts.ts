/** What a service's memory consists of, as far as Node and Linux tell it apart. All in MiB. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { smapsKib } from './process-figures.ts';

const usage = z.object({ heapTotal: z.number(), heapUsed: z.number(), external: z.number() });

export interface MemoryParts {
  /** All pages in memory, those of files among them. */
  readonly resident: number;
  /** Pages of files: the program's, libraries', and the store's. The system may drop them at any time. */
  readonly files: number;
  /** What it has for itself: the parts below together. */
  readonly own: number;
  /** V8's heap, of which `live` holds objects. */
  readonly heap: number;
  readonly live: number;
  /** Buffers that objects of the heap hold outside of it. */
  readonly buffers: number;
  /** Everything else: threads, code, the allocator and what it keeps, memory of the hashes among it. */
  readonly native: number;
}

const mib = 2 ** 20;

/** What makes a Node program report: arguments for Node, and settings for the program. */
export function reporting(socket: string) {
  const program = fileURLToPath(new URL('../processes/memory-reporter.ts', import.meta.url));
  return {
    nodeArgs: ['--expose-gc', '--import', 'tsx', '--import', program],
    env: { BENCH_MEMORY_SOCKET: socket },
  };
}

/**
 * @param collected whether garbage is collected first, which halts the program for some ms.
 * @throws Error when the program doesn't report.
 */
export async function memoryParts(pid: number, socket: string, collected: boolean): Promise<MemoryParts> {
  const connection = connect(socket);
  connection.write(collected ? 'collected' : 'now');
  const told = usage.parse(JSON.parse(await text(connection)));
  const kib = smapsKib(pid);
  return partsOf(told, kib);
}

/** @param kib of `/proc/PID/smaps_rollup`, by name. */
export function partsOf(told: z.infer<typeof usage>, kib: Readonly<Record<string, number>>): MemoryParts {
  const [resident, own] = [(kib.Rss ?? Number.NaN) / 1024, (kib.Anonymous ?? Number.NaN) / 1024];
  const [heap, live, buffers] = [told.heapTotal / mib, told.heapUsed / mib, told.external / mib];
  return { resident, files: resident - own, own, heap, live, buffers, native: own - heap - buffers };
}
