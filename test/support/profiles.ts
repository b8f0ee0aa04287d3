/** Profiles for tests and measurements: nothing but an extension, with what it is about changed. */
import type { Profile } from '../../src/core/account.ts';

export function profileWith(changes: Partial<Profile> = {}): Profile {
  return {
    extension: '4711',
    displayName: null,
    email: null,
    upn: null,
    alias: null,
    sipAddress: null,
    account: null,
    dn: null,
    legacyExchangeDn: null,
    phoneNumbers: [],
    locale: null,
    policy: null,
    enabled: true,
    ...changes,
  };
}
