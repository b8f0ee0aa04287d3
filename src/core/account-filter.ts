/**
 * Choosing accounts by what is known of them, as lists and changes of many do.
 */
import type { Account, Profile } from './account.ts';
import { isWithin } from './directory-name.ts';
import { identitiesOf, normaliseIdentity, spelledInText } from './identity.ts';
import type { PinStatus } from './pin-status.ts';

/** Every part that is there must fit. `ou` is a DN and means this unit and below; a `*` in `displayName` stands for any text. */
export interface AccountFilter {
  /** The accounts' ids: none but these. */
  readonly ids?: readonly string[];
  readonly pinSet?: boolean;
  readonly pinExpired?: boolean;
  readonly lockedOut?: boolean;
  readonly firstTimeUser?: boolean;
  readonly ou?: string;
  readonly displayName?: string;
  /** The name of the policy that holds, whoever assigned it. */
  readonly policy?: string;
  /** The id of the pepper that the PIN was hashed with. */
  readonly pinPepper?: string;
  /** A piece of any identity or of the display name. */
  readonly q?: string;
}

/**
 * A filter as it is recorded: free text as `true`, saying that there was some. Whoever searches in a hurry may paste a token, or a PIN.
 */
export function recordedFilter(filter: AccountFilter): { readonly [part: string]: boolean | string } {
  const freeText = ['displayName', 'policy', 'q'];
  return Object.fromEntries(
    Object.entries(filter).map(([part, value]) => [part, freeText.includes(part) ? true : value]),
  );
}

/** Says whether an account fits; `status` is its own. */
export function fits({ id, profile, pin }: Account, status: PinStatus, filter: AccountFilter): boolean {
  const { ids, pinSet, pinExpired, lockedOut, firstTimeUser, ou, displayName, policy, pinPepper, q } = filter;
  return (
    (ids === undefined || ids.includes(id)) &&
    isOrAny(status.pinSet, pinSet) &&
    isOrAny(status.pinExpired, pinExpired) &&
    isOrAny(status.lockedOut, lockedOut) &&
    isOrAny(status.firstTimeUser, firstTimeUser) &&
    isOrAny(status.policy, policy) &&
    isOrAny(pin?.hash.pepperId, pinPepper) &&
    (ou === undefined || (profile.dn !== null && isWithin(profile.dn, ou))) &&
    (displayName === undefined ||
      (profile.displayName !== null && fitsWildcard(profile.displayName, displayName))) &&
    (q === undefined || holdsPiece(profile, q))
  );
}

/** A piece of a distinguished name is looked for in how it is written: only a whole one has one spelling. */
function holdsPiece(profile: Profile, piece: string): boolean {
  const wanted = normaliseIdentity(piece);
  return (
    identitiesOf(profile).some(({ value }) => value.includes(wanted)) ||
    (profile.dn !== null && spelledInText(profile.dn).includes(spelledInText(piece)))
  );
}

function isOrAny<T>(value: T, wanted: T | undefined): boolean {
  return wanted === undefined || value === wanted;
}

/** Says whether a text is what a pattern says; `*` stands for any text, and case and compatibility forms don't matter. */
export function fitsWildcard(text: string, pattern: string): boolean {
  const folded = fold(text);
  const [first = '', ...rest] = fold(pattern).split('*');
  const last = rest.pop();
  if (last === undefined) return folded === first;
  if (!folded.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = folded.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return folded.length - last.length >= from && folded.endsWith(last);
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
