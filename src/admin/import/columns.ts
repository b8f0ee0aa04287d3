/**
 * What the columns of a file stand for: our own, and those of the products that users are brought over from.
 *
 * Where the names come from: Get-UMMailbox, Get-Mailbox and Get-CsUser are piped into `Export-Csv`, which names a column after each
 * property (Exchange Server 2010 to 2019 and Skype for Business Server cmdlet references); Cisco Unity Connection's come from "Required
 * and Optional CSV Fields in BAT" (System Administration Guide, Bulk Administration Tool), where `%null%` stands for no value.
 *
 * Not taken over: SamAccountName, which is unique in one domain only; the names of policies, which are others here; and the PIN of
 * Exchange and Lync, which they keep as a hash and never export.
 */
import type { z } from 'zod';
import { isDirectoryName } from '../../core/directory-name.ts';
import { matchLocale } from '../../core/locale.ts';
import type { newUser } from '../schemas.ts';

/** What a row says of a user, as text for the schema of a new user to judge. */
export type Fields = { readonly [K in keyof z.input<typeof newUser>]?: unknown } & {
  readonly pin?: string;
  readonly pinExpired?: string;
};

export type Field = keyof Fields;

/** A column: its name in lower case, and what a cell of it says. What two columns say goes to the one that stands first. */
export interface Column {
  readonly name: string;
  /** All that it may speak of. */
  readonly fields: readonly Field[];
  /** @param cellOf gives the row's cell in another column, '' when there is none. */
  readonly read: (cell: string, cellOf: (name: string) => string) => Fields;
}

export const presetNames = ['exchange-um', 'lync', 'cisco-unity', 'asterisk'] as const;

export type PresetName = (typeof presetNames)[number];

const text = (field: Exclude<Field, 'phoneNumbers'>, name: string = field): Column => ({
  name: name.toLowerCase(),
  fields: [field],
  read: (cell) => ({ [field]: cell }),
});

const column = (name: string, fields: readonly Field[], read: Column['read']): Column => ({
  name,
  fields,
  read,
});

/** The columns of our own files. */
export const ownColumns: readonly Column[] = [
  text('extension'),
  text('displayName'),
  text('email'),
  text('upn'),
  text('alias'),
  text('sipAddress'),
  text('account'),
  text('dn'),
  text('legacyExchangeDn'),
  column('phonenumbers', ['phoneNumbers'], (cell) => ({ phoneNumbers: splitList(cell) })),
  text('locale'),
  text('policy'),
  text('enabled'),
  text('pin'),
  text('pinExpired'),
];

/** What an export tells beside them. An import has no use for it. */
export const statusColumns = [
  'id',
  'createdAt',
  'pinSet',
  'changeDue',
  'lockedOut',
  'lockReason',
  'lockedUntil',
  'firstTimeUser',
  'failedAttempts',
  'lastFailedAt',
  'lastChangedAt',
  'expiresAt',
  'lastSignInAt',
  'policyInForce',
] as const;

const directoryName = (name: string) =>
  column(name, ['dn'], (cell) => (isDirectoryName(cell) ? { dn: cell } : {}));

/** `Get-UMMailbox | Export-Csv` and `Get-Mailbox | Export-Csv`, or what was selected from both. */
const exchangeColumns: readonly Column[] = [
  column('extensions', ['extension', 'phoneNumbers'], (cell) => extensionOf(splitList(cell)[0] ?? '')),
  text('displayName'),
  text('displayName', 'name'),
  text('email', 'primarysmtpaddress'),
  text('email', 'windowsemailaddress'),
  text('upn', 'userprincipalname'),
  text('alias'),
  text('sipAddress', 'sipresourceidentifier'),
  text('account', 'linkedmasteraccount'),
  directoryName('distinguishedname'),
  directoryName('identity'),
  text('legacyExchangeDn'),
  column('phonenumber', ['phoneNumbers'], phoneOf),
  column('languages', ['locale'], (cell) => ({
    locale: splitList(cell).map(matchLocale).find(Boolean) ?? undefined,
  })),
  text('enabled', 'umenabled'),
  column('emailaddresses', ['email', 'sipAddress', 'extension', 'phoneNumbers'], proxyAddresses),
  text('pin'),
  text('pinExpired'),
];

/** `Get-CsUser | Export-Csv`. */
const lyncColumns: readonly Column[] = [
  column('lineuri', ['extension', 'phoneNumbers'], lineUri),
  text('displayName'),
  text('displayName', 'name'),
  text('email', 'windowsemailaddress'),
  text('upn', 'userprincipalname'),
  text('sipAddress'),
  directoryName('distinguishedname'),
  directoryName('identity'),
  column('privateline', ['phoneNumbers'], (cell) => phoneOf(cell.replace(/^tel:/i, '').split(';')[0] ?? '')),
  text('enabled'),
  text('pin'),
  text('pinExpired'),
];

/** What Unity Connection writes for no value. */
const nothing = '%null%';

/** A user export of the Bulk Administration Tool. */
const ciscoColumns: readonly Column[] = [
  text('alias'),
  text('extension'),
  text('displayName'),
  column('firstname', ['displayName'], (cell, cellOf) => ({
    displayName: `${cell} ${cellOf('lastname').replace(nothing, '')}`.trim(),
  })),
  text('displayName', 'lastname'),
  text('email', 'emailaddress'),
  column('smtpproxyaddresses', ['email'], (cell) => ({ email: splitList(cell)[0] })),
  column('corporatephonenumber', ['phoneNumbers'], phoneOf),
  column('language', ['locale'], windowsLanguage),
  text('pin'),
].map(({ name, fields, read }) => ({
  name,
  fields,
  read: (cell, cellOf) => (cell === nothing ? {} : read(cell, cellOf)),
}));

/** The columns of each product's export. Asterisk's file has none. */
export const presetColumns: Readonly<Record<Exclude<PresetName, 'asterisk'>, readonly Column[]>> = {
  'exchange-um': exchangeColumns,
  lync: lyncColumns,
  'cisco-unity': ciscoColumns,
};

/** Several values in one cell. */
function splitList(cell: string): string[] {
  return cell
    .split(/[;,|\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** In a dial plan of E.164 numbers, the extension is a whole number. */
function extensionOf(value: string): Fields {
  return value === '' ? {} : { extension: value.replace(/^\+/, ''), ...phoneOf(value) };
}

/** A number that isn't written with its country can't be told from an extension. */
function phoneOf(cell: string): Fields {
  return cell.startsWith('+') ? { phoneNumbers: [cell] } : {};
}

/** Such as `SMTP:ada@example.com, sip:ada@example.com, EUM:1001;phone-context=plan.example.com`; `SMTP` is the primary address. */
function proxyAddresses(cell: string): Fields {
  const addresses = cell.split(/[,\n]/).map((part) => part.trim());
  const after = (prefix: string) => {
    const found = addresses.find((address) => address.startsWith(prefix));
    return found?.slice(prefix.length).split(';')[0];
  };
  const email = after('SMTP:');
  const sip = after('sip:') ?? after('SIP:');
  const extension = [after('EUM:'), after('eum:')].find(
    (value) => value !== undefined && /^\+?\d+$/.test(value),
  );
  return {
    ...(email === undefined ? {} : { email }),
    ...(sip === undefined ? {} : { sipAddress: `sip:${sip}` }),
    ...(extension === undefined ? {} : extensionOf(extension)),
  };
}

/** `tel:+14255550100;ext=1001`; without `ext`, callers key the whole number. */
function lineUri(cell: string): Fields {
  const [number = '', ...parameters] = cell.replace(/^tel:/i, '').split(';');
  const extension = parameters.find((parameter) => /^ext=/i.test(parameter))?.slice(4);
  return { ...extensionOf(number), ...(extension === undefined ? {} : { extension }) };
}

/** A Windows language code, such as 1033; its lower ten bits are the language (MS-LCID). */
function windowsLanguage(cell: string): Fields {
  const languages = new Map([
    [0x07, 'de-DE'],
    [0x09, 'en-US'],
    [0x0a, 'es-ES'],
    [0x0c, 'fr-FR'],
  ]);
  const locale = languages.get(Number(cell) & 0x3ff);
  return locale === undefined ? {} : { locale };
}
