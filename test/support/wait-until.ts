import { setTimeout } from 'node:timers/promises';

/** Asks again and again until it is so. @throws Error after 20 s, with what was waited for. */
export async function waitUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await setTimeout(20);
  }
}
