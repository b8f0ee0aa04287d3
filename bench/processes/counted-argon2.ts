/** Argon2id at Ringkey's cost, for those that it is measured beside, and how many hashes they computed. */
import argon2 from 'argon2';
import { leastHashCost } from '../../src/security/hasher.ts';

let count = 0;

export function hashSecret(secret: string): Promise<string> {
  count += 1;
  const { memoryKib, passes, lanes } = leastHashCost;
  return argon2.hash(secret, {
    type: argon2.argon2id,
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: lanes,
  });
}

export function verifySecret(hash: string, secret: string): Promise<boolean> {
  count += 1;
  return argon2.verify(hash, secret);
}

/** How many hashes this process has begun. */
export function hashCount(): number {
  return count;
}
