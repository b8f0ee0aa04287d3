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
  /** The key that values are blinded with, as long as the database has no earlier one. */
  readonly blindKey: Buffer;
}

export interface Peppers {
  /** The pepper that new hashes are made with. */
  readonly current: Pepper;
  /** All that this process was given, the current one first. */
  readonly all: readonly Pepper[];
  /** The pepper with this id, current or previous; null when this process wasn't given it. */
  find(id: string): Pepper | null;
  /**
   * A keyed digest that stands for a value which must not be stored or logged as it is, such as an extension that nobody has or a
   * caller's number. The same purpose and value always give the same 22 characters under the same key.
   */
  blind(purpose: string, value: string): string;
  /** The same peppers, blinding with this key. */
  blindingWith(key: Buffer): Peppers;
}

/** A pepper has at least this many bytes, so that its id and a blinded value tell nothing about it. */
export const shortestPepperBytes = 32;

/**
 * Peppers that blind with the key of the current one.
 * @param secrets the current pepper first, then earlier ones that hashes may still have; raw bytes.
 */
export function createPeppers(secrets: readonly [Buffer, ...Buffer[]]): Peppers {
  const current = toPepper(secrets[0]);
  const byId = new Map([current, ...secrets.slice(1).map(toPepper)].map((pepper) => [pepper.id, pepper]));
  const blindingWith = (key: Buffer): Peppers => ({
    current,
    all: [...byId.values()],
    find: (id) => byId.get(id) ?? null,
    blind: (purpose, value) =>
      createHmac('sha256', key)
        .update(JSON.stringify([purpose, value]))
        .digest('base64url')
        .slice(0, 22),
    blindingWith,
  });
  return blindingWith(current.blindKey);
}

function toPepper(secret: Buffer): Pepper {
  return {
    id: subkey(secret, 'id').toString('hex').slice(0, 12),
    hashKey: subkey(secret, 'argon2'),
    boxKey: subkey(secret, 'sealed-box'),
    blindKey: subkey(secret, 'blind'),
  };
}

function subkey(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `ringkey ${purpose}`, 32));
}
