import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDirectoryName, isWithin } from '../../src/core/directory-name.ts';

describe('isWithin', () => {
  const sales = 'OU=Sales,DC=example,DC=com';

  it.each([
    ['the unit itself', sales],
    ['an account of it', `CN=Ann Lee,${sales}`],
    ['an account of a unit below', `CN=Ann,OU=North,${sales}`],
    ['case and spaces', 'cn=ann , ou = SALES , dc=Example,  dc=COM'],
    ['a character that is escaped as a byte', 'CN=Ann,OU=\\53ales,DC=example,DC=com'],
  ])('is true of %s', (_what, dn) => {
    expect(isWithin(dn, sales)).toBe(true);
  });

  it.each([
    ['the unit above', 'DC=example,DC=com'],
    ['a unit beside it', 'CN=Ann,OU=Support,DC=example,DC=com'],
    ['a unit whose name only ends alike', 'CN=Ann,OU=Presales,DC=example,DC=com'],
    ['a name that only holds the unit, with the comma escaped', 'CN=Ann\\,OU=Sales,DC=example,DC=com'],
    ['the same, with the comma as a byte', 'CN=Ann\\2COU=Sales,DC=example,DC=com'],
    ['another kind of part', 'CN=Ann,CN=Sales,DC=example,DC=com'],
    ['the unit in the middle', `${sales},DC=other`],
    ['what is no name', 'Sales'],
    ['nothing', ''],
  ])('is false of %s', (_what, dn) => {
    expect(isWithin(dn, sales)).toBe(false);
  });

  it('takes an escaped comma for a part of the name', () => {
    const unit = 'OU=Sales\\, North,DC=example';
    expect(isWithin('CN=Ann,OU=Sales\\2c  north,DC=example', unit)).toBe(true);
    expect(isWithin('CN=Ann,OU=Sales,OU=North,DC=example', unit)).toBe(false);
  });

  it('takes an escaped byte of UTF-8 and the character for the same', () => {
    expect(isWithin('CN=a,OU=Z\\c3\\bcrich', 'OU=Zürich')).toBe(true);
  });

  it('takes a percent sign as it is', () => {
    expect(isWithin('CN=a,OU=100%2C', 'OU=100%2C')).toBe(true);
    expect(isWithin('CN=a,OU=100%2C', 'OU=100\\,')).toBe(false);
  });

  it('finds every name below every unit, however its values are escaped', () => {
    const value = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '');
    const path = fc.array(value, { minLength: 1, maxLength: 4 });
    const written = (values: readonly string[]) =>
      values.map((text) => `OU=${text.replace(/[\\,]/gu, (character) => `\\${character}`)}`).join(',');
    fc.assert(
      fc.property(path, path, (below, unit) => {
        expect(isWithin(written([...below, ...unit]), written(unit))).toBe(true);
        expect(isWithin(written(unit), written([...below, ...unit]))).toBe(false);
      }),
    );
  });

  it('never fails, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string(),
        (dn, unit) => typeof isWithin(dn, unit) === 'boolean',
      ),
    );
  });
});

describe('isDirectoryName', () => {
  it.each(['CN=Ann', 'CN=Ann,OU=x', '2.5.4.3=Ann', 'CN=a\\,b'])('knows %s', (dn) => {
    expect(isDirectoryName(dn)).toBe(true);
  });
  it.each([
    '',
    'Ann',
    'CN=',
    'CN=Ann,',
    ',CN=Ann',
    'CN=Ann\\',
    'CN=\\ff',
    '=Ann',
    'CN=\\20',
    'ann@example.com',
  ])('refuses %s', (dn) => {
    expect(isDirectoryName(dn)).toBe(false);
  });
});
