/**
 * What the admin API takes, as schemas that parse each input into a type. Unknown fields are refused.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { z } from 'zod';
import type { Profile } from '../core/account.ts';
import { isDirectoryName } from '../core/directory-name.ts';
import { locales, matchLocale } from '../core/locale.ts';
import { longestPin } from '../core/pin/policy.ts';
import type { ProfileChange } from '../services/accounts.ts';
import { requestSchemas } from './components.ts';

/** Control characters and bidirectional overrides have no place in a name, and none in TwiML. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !unprintable.test(text), 'must not hold control characters');

/** Text of several lines. */
export const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine(
      (given) => !unprintable.test(given.replaceAll(/\r?\n/g, ' ')),
      'must not hold control characters besides line breaks',
    );

export const optional = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);

const phoneNumber = z
  .string()
  .max(40)
  .transform((text, context) => {
    const number = text.startsWith('+') ? parsePhoneNumberFromString(text) : undefined;
    if (number?.isPossible()) return number.number as string;
    context.addIssue({ code: 'custom', message: 'must be a number in E.164 form, such as +14155550100' });
    return z.NEVER;
  });

const locale = z.string().transform((tag, context) => {
  const matched = matchLocale(tag);
  if (matched !== null) return matched;
  context.addIssue({ code: 'custom', message: `must be one of ${locales.join(', ')}` });
  return z.NEVER;
});

const email = z.email().max(254);

const extension = z.string().regex(/^[0-9]{1,20}$/, 'must be 1 to 20 digits, 0 to 9, without spaces');

/** What each field of a user is, for those who read the document. */
const meanings = {
  extension: 'What callers key. Nobody else has it.',
  upn: 'User principal name.',
  account: 'domain\\logon',
  dn: 'Distinguished name. The organisational unit is in it.',
  phoneNumbers: 'In E.164 form. A caller from one of them need not key the extension.',
  locale: 'The language of calls.',
  policy: "A policy's name; null: that of the unit, or default.",
  enabled: 'false: nobody can sign in.',
};

/** `POST /users`. Only the extension is required. */
export const newUser = z
  .strictObject({
    extension: extension.describe(meanings.extension),
    displayName: optional(line(256)),
    email: optional(email),
    upn: optional(line(254)).describe(meanings.upn),
    alias: optional(line(64)),
    sipAddress: optional(line(254)),
    account: optional(line(254)).describe(meanings.account),
    dn: optional(line(1024)).describe(meanings.dn),
    legacyExchangeDn: optional(line(1024)),
    phoneNumbers: z.array(phoneNumber).max(20).default([]).describe(meanings.phoneNumbers),
    locale: optional(locale).describe(meanings.locale),
    policy: optional(line(64)).describe(meanings.policy),
    enabled: z.boolean().default(true).describe(meanings.enabled),
  })
  .register(requestSchemas, { id: 'NewUser' }) satisfies z.ZodType<Profile>;

const changed = <T extends z.ZodType>(schema: T) => schema.nullable().exactOptional();

/** `PATCH /users/{identity}`: what is absent stays, null takes a value away. */
export const userChange = z
  .strictObject({
    extension: extension.exactOptional().describe(meanings.extension),
    displayName: changed(line(256)),
    email: changed(email),
    upn: changed(line(254)).describe(meanings.upn),
    alias: changed(line(64)),
    sipAddress: changed(line(254)),
    account: changed(line(254)).describe(meanings.account),
    dn: changed(line(1024)).describe(meanings.dn),
    legacyExchangeDn: changed(line(1024)),
    phoneNumbers: z.array(phoneNumber).max(20).exactOptional().describe(meanings.phoneNumbers),
    locale: changed(locale).describe(meanings.locale),
    policy: changed(line(64)).describe(meanings.policy),
    enabled: z.boolean().exactOptional().describe(meanings.enabled),
  })
  .refine((change) => Object.keys(change).length > 0, 'names nothing to change')
  .describe('At least one field. What is absent stays; null takes a value away.')
  .register(requestSchemas, { id: 'UserChange' }) satisfies z.ZodType<ProfileChange>;

export const directoryName = line(1024).refine(
  isDirectoryName,
  'must be a DN, such as OU=Sales,DC=example,DC=com',
);

/** How many a page has at most. */
export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(1000)
  .default(100)
  .describe('How many a page has at most.');

export const ofEarlierAnswer = 'The cursor of an earlier answer, to go on after it.';

/** `/users/{identity}` */
export const identityParam = z.strictObject({
  identity: z
    .string()
    .describe(
      'An id or any identity of a user: extension, E.164 number, e-mail or SIP address, UPN, alias, domain\\logon, DN, display name.',
    ),
});

/** The query of what names one account. */
export const scopeQuery = z.strictObject({
  ignoreScope: z
    .literal('true')
    .transform(() => true)
    .default(false)
    .describe('Lifts the scope of a token that may do that. The identity must then be a DN.'),
});

/** The query of a change that isn't made to one account. */
export const dryRunQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('true: check everything, change nothing, and say what would happen.'),
});

/** The query of a change of one account. */
export const accountChangeQuery = z.strictObject({ ...scopeQuery.shape, ...dryRunQuery.shape });

/** What a filter is made of; in a body, where a flag is true or false. */
const filterFields = {
  ou: directoryName.exactOptional().describe('The DN of an organisational unit: those in it and below.'),
  displayName: line(256).exactOptional().describe('"*" stands for any text.'),
  policy: line(64).exactOptional().describe('The name of the policy that holds, whoever assigned it.'),
  pinPepper: z
    .string()
    .regex(/^[0-9a-f]{12}$/, 'must be the id of a pepper: 12 hexadecimal digits')
    .exactOptional()
    .describe('The id of the pepper that the PIN was hashed with.'),
  q: line(256).exactOptional().describe('A piece of any identity or of the display name.'),
};

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .exactOptional();

/** The query of `GET /users`: a filter, and which page. */
export const userQuery = z.strictObject({
  pinSet: flag,
  pinExpired: flag,
  lockedOut: flag,
  firstTimeUser: flag,
  ...filterFields,
  limit,
  cursor: z.string().max(100).exactOptional().describe(ofEarlierAnswer),
});

/** The query of `GET /users/export`: a filter. */
export const exportQuery = userQuery.omit({ limit: true, cursor: true });

/** What a reset of one and a reset of many have in common. */
const resetFields = {
  pinExpired: z.boolean().default(true).describe('Whether it must be changed at the next sign-in.'),
  lockedOut: z.boolean().default(false).describe('false clears any lock, true keeps or sets one.'),
  sendEmail: z.boolean().default(true).describe('Whether to mail the PIN, if there is an address.'),
  reveal: z.boolean().default(false).describe('Whether the answer shows the generated PIN.'),
};

/** `POST /users/{identity}/pin/reset`. The PIN's own rules are the policy's; here only its size is bounded. */
export const pinReset = z
  .strictObject({
    pin: z
      .string()
      .max(longestPin * 4)
      .exactOptional()
      .describe('Absent: one is generated.'),
    ...resetFields,
    notifyEmail: optional(email).describe("Where to mail the PIN, if not to the user's own address."),
  })
  .refine(
    ({ sendEmail, notifyEmail }) => sendEmail || notifyEmail === null,
    'holds notifyEmail with sendEmail false: leave one of them out',
  )
  .register(requestSchemas, { id: 'PinReset' });

const filter = z
  .strictObject({
    ids: z
      .array(z.string().max(64))
      .max(1000)
      .exactOptional()
      .describe('None but these users, by their ids.'),
    pinSet: z.boolean().exactOptional(),
    pinExpired: z.boolean().exactOptional(),
    lockedOut: z.boolean().exactOptional(),
    firstTimeUser: z.boolean().exactOptional(),
    ...filterFields,
  })
  .describe('Every part that is there must fit. An empty filter means everyone.')
  .register(requestSchemas, { id: 'AccountFilter' });

const expectedCount = z
  .int()
  .min(0)
  .describe('How many accounts the filter fits. If it is another number, nothing is changed.');

/** `POST /pins/lock`, `/pins/unlock` and `/pins/expire`. An empty filter means everyone, and has to be written. */
export const manyPins = z
  .strictObject({ filter, expectedCount })
  .register(requestSchemas, { id: 'ManyPinsChange' });

/** `POST /pins/reset`. */
export const manyResets = z
  .strictObject({ filter, expectedCount, ...resetFields })
  .register(requestSchemas, { id: 'ManyPinsReset' });

/** `PATCH /users/{identity}/pin`. */
export const pinChange = z
  .strictObject({ lockedOut: z.boolean().exactOptional(), pinExpired: z.boolean().exactOptional() })
  .refine((change) => Object.keys(change).length > 0, 'names nothing to change: give lockedOut or pinExpired')
  .describe('At least one field. What is absent stays.')
  .register(requestSchemas, { id: 'PinChange' });

/** What is wrong with an input, a sentence each; it names fields, never values, since a value may be a PIN. */
export function issuesOf(error: z.ZodError): { readonly field: string; readonly problem: string }[] {
  return error.issues.map((issue) => ({
    field: issue.path.join('.') || '(body)',
    problem:
      issue.code === 'unrecognized_keys' ? `has unknown fields: ${issue.keys.join(', ')}` : issue.message,
  }));
}
