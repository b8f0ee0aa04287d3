/**
 * The pepper: a server key kept outside the database, without which stolen hashes can't be tried (OWASP Password Storage Cheat
 * Sheet). Every use has a subkey of its own (HKDF, RFC 5869), so that one value never serves two purposes.
 */
import { createHmac, hkdfSync } from 'node:crypto';

/** One pepper and the public id that is stored beside each hash made with it. */
export interface Pepper {
  readonly id: string;
  /** The key that Argon2 takes as its `secret`. */
  readonly hashKey: Buffer;
  /** The key that what waits to be mailed is sealed with. */
  readonly boxKey: Buffer;
}

export interface Peppers {
  /** The pepper that new hashes are made with. */
  readonly current: Pepper;
  /** The pepper with this id, current or previous; null when this process wasn't given it. */
  find(id: string): Pepper | null;
  /**
   * A keyed digest that stands for a value which must not be stored or logged as it is, such as an extension that nobody has or a
   * caller's number. The same purpose and value always give the same 22 characters under the same current pepper.
   */
  blind(purpose: string, value: string): string;
}

/** A pepper has at least this many bytes, so that its id and a blinded value tell nothing about it. */
export const shortestPepperBytes = 32;

/** @param secrets the current pepper first, then earlier ones that hashes may still have; raw bytes. */
export function createPeppers(secrets: readonly [Buffer, ...Buffer[]]): Peppers {
  const current = toPepper(secrets[0]);
  const byId = new Map(secrets.map(toPepper).map((pepper) => [pepper.id, pepper]));
  const blindKey = subkey(secrets[0], 'blind');
  return {
    current,
    find: (id) => byId.get(id) ?? null,
    blind: (purpose, value) =>
      createHmac('sha256', blindKey)
        .update(JSON.stringify([purpose, value]))
        .digest('base64url')
        .slice(0, 22),
  };
}

function toPepper(secret: Buffer): Pepper {
  return {
    id: subkey(secret, 'id').toString('hex').slice(0, 12),
    hashKey: subkey(secret, 'argon2'),
    boxKey: subkey(secret, 'sealed-box'),
  };
}

function subkey(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `ringkey ${purpose}`, 32));
}
