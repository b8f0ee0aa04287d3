import { setTimeout } from 'node:timers/promises';

/** How long `vi.waitFor` goes on: its own second is too short for a machine that is busy with something else. */
export const patience = { timeout: 20_000 };

/** A Sentinel that saw the machine stand still for two seconds does nothing for the next 30 (TILT, in Redis' documentation). */
export const sentinelMs = 45_000;

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
