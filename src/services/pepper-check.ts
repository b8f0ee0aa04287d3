/**
 * Holds the pepper to the database: with another one, nobody could sign in, and new hashes would be of no use later.
 */
import type { Peppers } from '../security/peppers.ts';
import type { Store } from '../store/store.ts';
import { change, load, serverPlace } from './documents.ts';

interface PepperDocument {
  readonly schemaVersion: 1;
  readonly pepperId: string;
}

const place = serverPlace<PepperDocument>('pepper');

/** The pepper that the database was last used with isn't among those given. */
export class PepperMismatchError extends Error {
  override readonly name = 'PepperMismatchError';
}

/**
 * Notes the current pepper in the store, once the noted one is known to be current or previous.
 * @returns whether none was noted: no service has used the store before.
 * @throws PepperMismatchError when it isn't.
 */
export async function claimPepper(store: Store, peppers: Peppers): Promise<boolean> {
  return change<PepperDocument, boolean>(store, place, (noted) => {
    if (noted !== null && peppers.find(noted.pepperId) === null) throw mismatch(noted.pepperId, peppers);
    if (noted?.pepperId === peppers.current.id) return { result: false };
    const put = { schemaVersion: 1, pepperId: peppers.current.id } as const;
    return { put, result: noted === null };
  });
}

/**
 * Whether this process still holds a pepper that the database is used with.
 * @throws PepperMismatchError when another process has moved on to a pepper that this one wasn't given, or the note is gone.
 */
export async function checkPepper(store: Store, peppers: Peppers): Promise<void> {
  const noted = await load(store, place);
  if (noted === null || peppers.find(noted.value.pepperId) === null) {
    throw mismatch(noted?.value.pepperId ?? 'none', peppers);
  }
}

function mismatch(noted: string, peppers: Peppers): PepperMismatchError {
  return new PepperMismatchError(
    `PIN_PEPPER does not fit this database: it was used with key ${noted}, not ${peppers.current.id}. Set the PIN_PEPPER it was used with, or name that one in PIN_PEPPER_PREVIOUS.`,
  );
}
