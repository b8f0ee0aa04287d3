import { setTimeout } from 'node:timers/promises';

/** How long `vi.waitFor` goes on: its own second is too short for a machine that is busy with something else. */
export const patience = { timeout: 20_000 };

/**
 * Asks again and again until it is so.
 * @param withinMs 20 s, unless what is waited for may rightly take longer.
 * @throws Error after that, with what was waited for.
 */
export async function waitUntil(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = patience.timeout,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await setTimeout(20);
  }
}
