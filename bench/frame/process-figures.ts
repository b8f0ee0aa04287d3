/** What other processes cost, as Linux tells it. Elsewhere the figures are NaN, and shown as a dash. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second in `/proc`: the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Seconds of CPU that a process has used since it began, with all its threads. */
export function cpuSeconds(pid: number): number {
  return ticksOf(`/proc/${pid}/stat`) / ticksPerSecond;
}

/** The same of its main thread, on which Node runs JavaScript. */
export function mainThreadSeconds(pid: number): number {
  return ticksOf(`/proc/${pid}/task/${pid}/stat`) / ticksPerSecond;
}

/** This process itself, in seconds of CPU. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** MiB of memory that a process has for itself: without the pages of files, such as the store's, which the system keeps in its cache. */
export function ownMemoryMib(pid: number): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readOr(`/proc/${pid}/status`)) ?? [];
  return Number(kib) / 1024;
}

/** What Linux sums up of a process' memory, in KiB, by the names that it has in `/proc/PID/smaps_rollup`, such as `Rss`. */
export function smapsKib(pid: number): Readonly<Record<string, number>> {
  const lines = readOr(`/proc/${pid}/smaps_rollup`).matchAll(/^(\w+):\s+(\d+) kB$/gm);
  return Object.fromEntries([...lines].map(([, name = '', kib]) => [name, Number(kib)]));
}

function ticksOf(path: string): number {
  // The name in parentheses may contain anything, so fields are counted from behind it: 12 and 13 are user and system time.
  const fields = /\) (.*)/.exec(readOr(path))?.[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
