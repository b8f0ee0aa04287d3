/**
 * New PINs for people who don't choose their own.
 */

import { type PinPolicy, shortestGeneratedPin } from './policy.ts';
import { type PinContext, refusals } from './refusals.ts';

/** So many bytes from a cryptographically secure source. */
export type RandomBytes = (count: number) => Uint8Array;

/** At the worst (24 digits) one draw in two is usable, so running out means that the source is broken. */
const mostDraws = 1000;

/**
 * A PIN of `policy.minLength` digits, at least six. Every PIN that the policy accepts is equally likely: what doesn't fit
 * is thrown away whole and drawn again.
 *
 * @throws Error when the source yields no acceptable PIN in 1000 draws.
 */
export function generatePin(randomBytes: RandomBytes, policy: PinPolicy, context: PinContext): string {
  const length = Math.max(shortestGeneratedPin, policy.minLength);
  for (let draw = 0; draw < mostDraws; draw++) {
    const bytes = randomBytes(length);
    // 250 is the largest multiple of 10 in a byte's range; taking more would favour the digits 0 to 5.
    if (bytes.some((byte) => byte >= 250)) continue;
    const pin = Array.from(bytes, (byte) => byte % 10).join('');
    if (refusals(pin, policy, context).length === 0) return pin;
  }
  throw new Error(
    `No acceptable PIN of ${length} digits in ${mostDraws} draws: the random source is broken.`,
  );
}
