/**
 * Everything an account can be named by, and the one spelling that each is looked up under. All kinds share one name space, so
 * that what an administrator types is resolved in one look-up.
 */
import type { Profile } from './account.ts';
import { foldDirectoryName } from './directory-name.ts';

/** The kinds of identity, and whether one value may name several accounts (a family shares a telephone number, namesakes a name). */
const identityKinds = {
  extension: { shared: false },
  email: { shared: false },
  upn: { shared: false },
  alias: { shared: false },
  sipAddress: { shared: false },
  account: { shared: false },
  dn: { shared: false },
  legacyExchangeDn: { shared: false },
  displayName: { shared: true },
  phoneNumber: { shared: true },
} as const;

export type IdentityKind = keyof typeof identityKinds;

/** One way to name an account. `value` is as `normaliseIdentity` spells it. */
export interface Identity {
  readonly kind: IdentityKind;
  readonly value: string;
}

/** Says whether one value of this kind may name several accounts. */
export function isShared(kind: IdentityKind): boolean {
  return identityKinds[kind].shared;
}

/** Every identity that a profile carries, each once. */
export function identitiesOf(profile: Profile): Identity[] {
  const single = (Object.keys(identityKinds) as IdentityKind[])
    .filter((kind) => kind !== 'phoneNumber')
    .flatMap((kind) => {
      const value = profile[kind];
      return value === null ? [] : [{ kind, value: normaliseIdentity(value) }];
    });
  const numbers = [...new Set(profile.phoneNumbers.map(normaliseIdentity))];
  return [...single, ...numbers.map((value) => ({ kind: 'phoneNumber' as const, value }))];
}

/**
 * The one spelling of an identity: compatibility forms folded (so full-width digits are digits), spaces at the ends and the
 * schemes `sip:` and `smtp:` dropped, lower case; a telephone number without its punctuation; a distinguished name as RFC 4514
 * compares them, whatever its spaces and escapes.
 */
export function normaliseIdentity(text: string): string {
  return foldDirectoryName(text) ?? spelledInText(text);
}

/** The same, but with a distinguished name taken for any text: how version 0.1.0 spelled it. */
export function spelledInText(text: string): string {
  const folded = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/^(sip|smtp):/, '');
  return /^\+[\d\s().-]+$/.test(folded) ? folded.replace(/[\s().-]/g, '') : folded;
}
