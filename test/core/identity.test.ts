import { describe, expect, it } from 'vitest';
import { identitiesOf, isShared, normaliseIdentity, spelledInText } from '../../src/core/identity.ts';
import { profileWith } from '../support/profiles.ts';

describe('the one spelling of an identity', () => {
  it.each([
    [' Ada@Example.com ', 'ada@example.com'],
    ['SIP:Ada@example.com', 'ada@example.com'],
    ['smtp:ada@example.com', 'ada@example.com'],
    ['xsip:ada@example.com', 'xsip:ada@example.com'],
    ['sip:sip:ada', 'sip:ada'],
    ['４７１１', '4711'],
    ['+1 (415) 555-01.00', '+14155550100'],
    ['+1 415 555 ext', '+1 415 555 ext'],
    ['tel +1 415', 'tel +1 415'],
    ['+', '+'],
    ['415-555', '415-555'],
    ['CN=Ada, OU=Sales,DC=example', 'cn=ada,ou=sales,dc=example'],
    ['CORP\\Ada', 'corp\\ada'],
  ])('of "%s" is "%s"', (written, spelled) => {
    expect(normaliseIdentity(written)).toBe(spelled);
  });

  it('leaves a distinguished name as it was written where it is taken for a text', () => {
    expect(spelledInText('CN=Ada, OU=Sales')).toBe('cn=ada, ou=sales');
  });
});

describe('the identities of a profile', () => {
  it('are every name it carries, each once', () => {
    const profile = profileWith({
      extension: '4711',
      displayName: 'Ada Lovelace',
      email: 'Ada@example.com',
      upn: 'ada@corp.example.com',
      alias: 'Ada',
      sipAddress: 'sip:ada@sip.example.com',
      account: 'CORP\\ada',
      dn: 'CN=Ada,DC=example',
      legacyExchangeDn: '/o=Org/cn=Recipients/cn=ada',
      phoneNumbers: ['+1 415 555 0100', '+14155550100', '+14155550101'],
    });
    expect(identitiesOf(profile)).toEqual([
      { kind: 'extension', value: '4711' },
      { kind: 'email', value: 'ada@example.com' },
      { kind: 'upn', value: 'ada@corp.example.com' },
      { kind: 'alias', value: 'ada' },
      { kind: 'sipAddress', value: 'ada@sip.example.com' },
      { kind: 'account', value: 'corp\\ada' },
      { kind: 'dn', value: 'cn=ada,dc=example' },
      { kind: 'legacyExchangeDn', value: '/o=org/cn=recipients/cn=ada' },
      { kind: 'displayName', value: 'ada lovelace' },
      { kind: 'phoneNumber', value: '+14155550100' },
      { kind: 'phoneNumber', value: '+14155550101' },
    ]);
    expect(identitiesOf(profileWith())).toEqual([{ kind: 'extension', value: '4711' }]);
  });

  it('are each of one account alone, but for a name and a telephone number', () => {
    const kinds = [
      'extension',
      'email',
      'upn',
      'alias',
      'sipAddress',
      'account',
      'dn',
      'legacyExchangeDn',
    ] as const;
    expect(kinds.filter(isShared)).toEqual([]);
    expect((['displayName', 'phoneNumber'] as const).filter(isShared)).toHaveLength(2);
  });
});
