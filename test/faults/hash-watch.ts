/**
 * Watches the hashes that are really computed: what goes into `argon2.verify` and what comes out. Nothing is changed on the way.
 */
import argon2 from 'argon2';
import { onTestFinished, vi } from 'vitest';

export interface Verification {
  readonly pin: string;
  readonly right: boolean;
}

/** All verifications from now to the end of the running test, in the order in which they ended; the list grows. */
export function watchVerifications(): readonly Verification[] {
  const seen: Verification[] = [];
  const { verify } = argon2;
  const spy = vi.spyOn(argon2, 'verify').mockImplementation(async (digest, pin, options) => {
    const right = await verify(digest, pin, options);
    seen.push({ pin: String(pin), right });
    return right;
  });
  onTestFinished(() => void spy.mockRestore());
  return seen;
}
