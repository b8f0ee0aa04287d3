/**
 * Holds the pepper to the database: with another one, nobody could sign in, and new hashes would be of no use later. Where the pepper is
 * rotated, the key that values are blinded with stays, so that nothing that is found by a blinded value is lost.
 */
import type { Peppers } from '../security/peppers.ts';
import { createSealedBox } from '../security/sealed-box.ts';
import type { Store } from '../store/store.ts';
import { change, type Document, load, serverPlace } from './documents.ts';
import { countPepperUse, type PepperUse } from './pepper-use.ts';

interface PepperDocument extends Document {
  readonly pepperId: string;
  /** Ids of peppers that were used before, for as long as something may still need one. Absent: none. */
  readonly earlier?: readonly string[];
  /** The key that values are blinded with, sealed under the pepper. Absent: it is the pepper's own. */
  readonly blindKey?: string;
}

const place = serverPlace<PepperDocument>('pepper');

/** Where the key is kept, for its box. */
const blindKeyContext = 'pepper:blind-key';

/** A pepper that the database needs isn't among those given. */
export class PepperMismatchError extends Error {
  override readonly name = 'PepperMismatchError';
}

interface Claim {
  readonly store: Store;
  readonly peppers: Peppers;
  /** Ids of peppers that won't be found again: PINs that need one of them are known to be lost. */
  readonly lost: readonly string[];
  readonly randomBytes: (count: number) => Uint8Array;
}

interface Claimed {
  readonly peppers: Peppers;
  readonly isNew: boolean;
}

/**
 * Notes the current pepper in the store, once every pepper that the database needs is known to be current, previous or lost. Whether
 * an earlier one is still needed is counted over all accounts, but only where it isn't given any more.
 * @returns the peppers, blinding as the database does; and whether none was noted: no service has used the store before.
 * @throws PepperMismatchError when one is missing.
 */
export async function claimPepper({ store, peppers, lost, randomBytes }: Claim): Promise<Claimed> {
  const box = createSealedBox(peppers, randomBytes);
  const { current } = peppers;
  const isMissing = (id: string) => peppers.find(id) === null && !lost.includes(id);

  function blindKeyOf({ pepperId, blindKey }: PepperDocument): Buffer {
    const pepper = peppers.find(pepperId);
    if (pepper === null) return current.blindKey;
    if (blindKey === undefined) return pepper.blindKey;
    const opened = box.open(blindKey, blindKeyContext);
    if (opened === null) throw new PepperMismatchError('The note of the pepper in this database is damaged.');
    return Buffer.from(opened, 'base64url');
  }

  return change<PepperDocument, Claimed>(store, place, async (noted) => {
    if (noted === null) {
      return { put: { schemaVersion: 1, pepperId: current.id }, result: { peppers, isNew: true } };
    }
    if (isMissing(noted.pepperId)) throw mismatch(noted.pepperId, peppers);
    const before = noted.earlier ?? [];
    const unused = await unusedOf(store, before.filter(isMissing));
    const key = blindKeyOf(noted);
    const result = { peppers: peppers.blindingWith(key), isNew: false };
    if (noted.pepperId === current.id && unused.length === 0) return { result };
    const earlier = [...new Set([...before, noted.pepperId])].filter(
      (id) => id !== current.id && !unused.includes(id),
    );
    const blindKey = box.seal(key.toString('base64url'), blindKeyContext);
    return { put: { schemaVersion: 1, pepperId: current.id, earlier, blindKey }, result };
  });
}

/**
 * Those of the missing peppers that nothing needs any more.
 * @throws PepperMismatchError when something needs one of them.
 */
async function unusedOf(store: Store, missing: readonly string[]): Promise<readonly string[]> {
  if (missing.length === 0) return [];
  const use = await countPepperUse(store);
  for (const id of missing) {
    const needed = use.get(id);
    if (needed !== undefined && needed.pins + needed.mails > 0) throw stillNeeded(id, needed);
  }
  return missing;
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

/**
 * Ids of the pepper that the database is used with, and of those before it as far as something may still need them. `current` is null
 * when none was noted.
 */
export async function notedPeppers(
  store: Store,
): Promise<{ readonly current: string | null; readonly earlier: readonly string[] }> {
  const { pepperId = null, earlier = [] } = (await load(store, place))?.value ?? {};
  return { current: pepperId, earlier };
}

function mismatch(noted: string, peppers: Peppers): PepperMismatchError {
  return new PepperMismatchError(
    `PIN_PEPPER does not fit this database: it was used with key ${noted}, not ${peppers.current.id}. Set the PIN_PEPPER it was used with, or name that one in PIN_PEPPER_PREVIOUS.`,
  );
}

function stillNeeded(id: string, { pins, mails }: PepperUse): PepperMismatchError {
  return new PepperMismatchError(
    `PIN_PEPPER_PREVIOUS lacks key ${id}, which is still needed by PINs: ${pins}, and by mails that wait: ${mails}. Name it again, and reset the PINs that a search for pinPepper=${id} finds. If it is lost, name ${id} in PIN_PEPPER_LOST, and then reset them.`,
  );
}
