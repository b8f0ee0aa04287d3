/**
 * The people of a bench: made up, each from a number, so that whoever measures knows by which names to look for them.
 */
import type { Profile } from '../../src/core/account.ts';
import { type IdentityKind, identitiesOf } from '../../src/core/identity.ts';

/** One of so many has an identity of every kind; the others are known by extension, name, address and telephone number. */
export const fullyNamedEvery = 10;

/** The profile of person `n`, from 0; no two share an identity. */
export function profileOf(n: number): Profile {
  const isFullyNamed = n % fullyNamedEvery === 0;
  const ifFully = (value: string) => (isFullyNamed ? value : null);
  return {
    extension: String(10_000_000 + n),
    displayName: `Name ${n}`,
    email: `user${n}@example.com`,
    upn: ifFully(`user${n}@corp.example.com`),
    alias: ifFully(`alias-${n}`),
    sipAddress: ifFully(`sip:user${n}@sip.example.com`),
    account: ifFully(`CORP\\user${n}`),
    dn: ifFully(`CN=User ${n},OU=Unit ${n % 50},DC=example,DC=com`),
    legacyExchangeDn: ifFully(`/o=Org/ou=Unit/cn=Recipients/cn=user${n}`),
    phoneNumbers: [`+1415${String(10_000_000 + n)}`],
    locale: null,
    policy: null,
    enabled: true,
  };
}

/** The identities of person `n` by their kinds, as they are looked up. */
export function namesOf(n: number): ReadonlyMap<IdentityKind, string> {
  return new Map(identitiesOf(profileOf(n)).map(({ kind, value }) => [kind, value]));
}
