import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldDirectoryName, isDirectoryName, isWithin } from '../../src/core/directory-name.ts';

describe('isWithin', () => {
  const sales = 'OU=Sales,DC=example,DC=com';

  it.each([
    ['the unit itself', sales],
    ['an account of it', `CN=Ann Lee,${sales}`],
    ['an account of a unit below', `CN=Ann,OU=North,${sales}`],
    ['case and spaces', 'cn=ann , ou = SALES , dc=Example,  dc=COM'],
    ['a character that is escaped as a byte', 'CN=Ann,OU=\\53ales,DC=example,DC=com'],
    ['a character that is escaped for nothing', 'CN=Ann,OU=S\\ales,DC=example,DC=com'],
  ])('is true of %s', (_what, dn) => {
    expect(isWithin(dn, sales)).toBe(true);
  });

  it.each([
    ['the unit above', 'DC=example,DC=com'],
    ['a unit beside it', 'CN=Ann,OU=Support,DC=example,DC=com'],
    ['a unit whose name only ends alike', 'CN=Ann,OU=Presales,DC=example,DC=com'],
    ['a name that only holds the unit, with the comma escaped', 'CN=Ann\\,OU=Sales,DC=example,DC=com'],
    ['the same, with the comma as a byte', 'CN=Ann\\2COU=Sales,DC=example,DC=com'],
    ['a unit that is written with a space', 'CN=Ann,OU=Sa les,DC=example,DC=com'],
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

describe('foldDirectoryName', () => {
  it.each([
    ['spaces around commas and equal signs', ' CN = Ann , OU=Sales ,  DC=example'],
    ['case', 'cn=ANN,ou=sales,dc=EXAMPLE'],
    ['escapes as bytes', 'CN=\\41nn,OU=Sales,DC=exampl\\65'],
    ['escapes of what needs none', 'CN=A\\nn,OU=Sales,DC=example'],
  ])('has one spelling, whatever the %s', (_what, dn) => {
    expect(foldDirectoryName(dn)).toBe('cn=ann,ou=sales,dc=example');
  });

  it('keeps a comma within a part apart from one between parts', () => {
    expect(foldDirectoryName('CN=Lee\\2C OU=Ann')).toBe(foldDirectoryName('cn=lee\\, ou=ann'));
    expect(foldDirectoryName('CN=Lee\\,OU=Ann')).not.toBe(foldDirectoryName('CN=Lee,OU=Ann'));
  });

  it('is the same for two names exactly when each lies within the other, and folds to itself', () => {
    const name = fc.stringMatching(/^[ou]{1,2} ?= ?[ab\\, %]{1,4}$/);
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 3 }),
        fc.array(name, { minLength: 1 }),
        (a, b) => {
          const [one, other] = [a.join(','), b.join(' , ')];
          const folded = foldDirectoryName(one);
          fc.pre(folded !== null);
          expect(foldDirectoryName(folded ?? '')).toBe(folded);
          expect(folded === foldDirectoryName(other)).toBe(isWithin(one, other) && isWithin(other, one));
        },
      ),
    );
  });

  it('knows no spelling of what is no name', () => {
    for (const text of ['ann@example.com', '', 'Ann', '/o=Org/cn=ann']) {
      expect(foldDirectoryName(text)).toBeNull();
    }
  });
});
