import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccount, type Profile, withLock, withPin, withSignIn } from '../../src/core/account.ts';
import { type AccountFilter, fits, fitsWildcard, recordedFilter } from '../../src/core/account-filter.ts';
import { pinStatusOf } from '../../src/core/pin-status.ts';
import { profileWith } from '../support/profiles.ts';
import { policyWith } from '../support/rules.ts';

const t0 = 1_700_000_000_000;
const policy = policyWith({});

/** Which of four accounts fit: one without a PIN, one that must change it, one that is locked, one that is in use. */
function whoFits(filter: AccountFilter, profiles: Readonly<Record<string, Partial<Profile>>> = {}): string {
  const create = (id: string) => createAccount(id, profileWith(profiles[id]), t0);
  const pin = { id: 'p1', hash: { hash: 'a hash', pepperId: 'k' }, length: 6 };
  const withAnyPin = (id: string, changeRequired: boolean) =>
    withPin(create(id), pin, 'administrator', changeRequired, policy, t0);
  const accounts = [
    create('bare'),
    withAnyPin('due', true),
    withLock(withAnyPin('locked', false), true, t0),
    withSignIn(withAnyPin('used', false), t0),
  ];
  const fitting = accounts.filter((account) => {
    const name = account.id === 'used' ? 'lync' : 'default';
    return fits(account, pinStatusOf(account, { name, policy, mailText: null }, t0), filter);
  });
  return fitting.map(({ id }) => id).join(' ');
}

describe('a filter', () => {
  it.each<[AccountFilter, string]>([
    [{}, 'bare due locked used'],
    [{ ids: ['due', 'nobody'] }, 'due'],
    [{ ids: [] }, ''],
    [{ pinSet: true }, 'due locked used'],
    [{ pinSet: false }, 'bare'],
    [{ pinExpired: true }, 'due'],
    [{ pinExpired: false }, 'bare locked used'],
    [{ lockedOut: true }, 'locked'],
    [{ lockedOut: false }, 'bare due used'],
    [{ firstTimeUser: false }, 'used'],
    [{ firstTimeUser: true, pinSet: true }, 'due locked'],
    [{ policy: 'lync' }, 'used'],
    [{ policy: 'strict' }, ''],
  ])('%j fits "%s"', (filter, expected) => {
    expect(whoFits(filter)).toBe(expected);
  });

  const profiles = {
    bare: { displayName: 'Ada Lovelace', dn: 'CN=Ada,OU=Sales,DC=example', email: 'ada@example.com' },
    due: { displayName: 'Bob', dn: 'CN=Bob, OU=East,OU=Sales,DC=example' },
    locked: { dn: 'CN=Sales,OU=Support,DC=example', phoneNumbers: ['+14155550100'] },
  };

  it.each<[AccountFilter, string]>([
    [{ ou: 'ou=sales, dc=example' }, 'bare due'],
    [{ ou: 'OU=East,OU=Sales,DC=example' }, 'due'],
    [{ displayName: 'ada*' }, 'bare'],
    [{ displayName: '*' }, 'bare due'],
    [{ q: 'LOVE' }, 'bare'],
    [{ q: '+1 (415) 555' }, 'locked'],
    [{ q: 'ou=Sa' }, 'bare due'],
    [{ q: 'CN=Ada,OU=Sales,DC=example' }, 'bare'],
    [{ q: 'bob, ou=ea' }, 'due'],
    [{ q: '4711' }, 'bare due locked used'],
    [{ q: 'nobody' }, ''],
  ])('%j fits "%s" by name or place', (filter, expected) => {
    expect(whoFits(filter, profiles)).toBe(expected);
  });

  it('is recorded without what somebody typed', () => {
    expect(
      recordedFilter({
        q: '596183',
        displayName: '596183',
        policy: '596183',
        ou: 'OU=Sales',
        lockedOut: false,
      }),
    ).toEqual({ q: true, displayName: true, policy: true, ou: 'OU=Sales', lockedOut: false });
  });
});

describe('a display name with *', () => {
  it.each([
    ['Ada Lovelace', 'ada lovelace', true],
    ['Ada Lovelace', 'ada', false],
    ['Ada Lovelace', 'Ada*', true],
    ['Ada Lovelace', '*lace', true],
    ['Ada Lovelace', 'a*l*e', true],
    ['Ada Lovelace', 'a*e*l', false],
    ['Ada Lovelace', '*', true],
    ['aba', 'ab*ba', false],
    ['ab', '*ab*ab*', false],
    ['abab', '*ab*ab*', true],
    ['Ada (Sales)', 'ada (sales)', true],
    ['Ada', '.*', false],
    ['Ａｄａ', 'ada', true],
  ])('%s fits %s: %s', (name, pattern, expected) => {
    expect(fitsWildcard(name, pattern)).toBe(expected);
  });

  const piece = fc.stringMatching(/^[a-c.()[\]\\+]{0,4}$/);

  it('takes a name as it is, also one that looks like a telephone number or an address', () => {
    expect(fitsWildcard('+.', '*.')).toBe(true);
    expect(fitsWildcard('sip: Ada', 'sip:*')).toBe(true);
  });

  it('stands for any text between the pieces, whatever characters they are made of', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, piece), { minLength: 1, maxLength: 4 }), piece, (pairs, last) => {
        const name = pairs.map(([kept, any]) => kept + any).join('') + last;
        const pattern = `${pairs.map(([kept]) => kept).join('*')}*${last}`;
        expect(fitsWildcard(name, pattern)).toBe(true);
      }),
    );
  });

  it('is not there without a piece that the pattern asks for', () => {
    fc.assert(
      fc.property(piece, piece, piece, (before, between, after) => {
        expect(fitsWildcard(before + between + after, `${before}*x*${after}`)).toBe(false);
      }),
    );
  });
});
