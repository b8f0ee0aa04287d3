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

/** Control characters and bidirectional overrides have no place in a name, and none in TwiML. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !unprintable.test(text), 'must not hold control characters');

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

const extension = z.string().regex(/^[0-9]{1,20}$/, 'must be 1 to 20 digits, 0 to 9, without spaces');

/** `POST /users`. Only the extension is required. */
export const newUser = z.strictObject({
  extension,
  displayName: optional(line(256)),
  email: optional(z.email().max(254)),
  upn: optional(line(254)),
  alias: optional(line(64)),
  sipAddress: optional(line(254)),
  account: optional(line(254)),
  dn: optional(line(1024)),
  legacyExchangeDn: optional(line(1024)),
  phoneNumbers: z.array(phoneNumber).max(20).default([]),
  locale: optional(locale),
  policy: optional(line(64)),
  enabled: z.boolean().default(true),
}) satisfies z.ZodType<Profile>;

const changed = <T extends z.ZodType>(schema: T) => schema.nullable().exactOptional();

/** `PATCH /users/{identity}`: what is absent stays, null takes a value away. */
export const userChange = z
  .strictObject({
    extension: extension.exactOptional(),
    displayName: changed(line(256)),
    email: changed(z.email().max(254)),
    upn: changed(line(254)),
    alias: changed(line(64)),
    sipAddress: changed(line(254)),
    account: changed(line(254)),
    dn: changed(line(1024)),
    legacyExchangeDn: changed(line(1024)),
    phoneNumbers: z.array(phoneNumber).max(20).exactOptional(),
    locale: changed(locale),
    policy: changed(line(64)),
    enabled: z.boolean().exactOptional(),
  })
  .refine(
    (change) => Object.keys(change).length > 0,
    'names nothing to change',
  ) satisfies z.ZodType<ProfileChange>;

export const directoryName = line(1024).refine(
  isDirectoryName,
  'must be a DN, such as OU=Sales,DC=example,DC=com',
);

/** What a filter is made of; in a body, where a flag is true or false. */
const filterFields = {
  ou: directoryName.exactOptional(),
  displayName: line(256).exactOptional(),
  policy: line(64).exactOptional(),
  q: line(256).exactOptional(),
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
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(100).exactOptional(),
});

/** `POST /users/{identity}/pin/reset`. The PIN's own rules are the policy's; here only its size is bounded. */
export const pinReset = z.strictObject({
  pin: z
    .string()
    .max(longestPin * 4)
    .exactOptional(),
  pinExpired: z.boolean().default(true),
  lockedOut: z.boolean().default(false),
  reveal: z.boolean().default(false),
});

const filter = z.strictObject({
  pinSet: z.boolean().exactOptional(),
  pinExpired: z.boolean().exactOptional(),
  lockedOut: z.boolean().exactOptional(),
  firstTimeUser: z.boolean().exactOptional(),
  ...filterFields,
});

const expectedCount = z.int().min(0);

/** `POST /pins/lock`, `/pins/unlock` and `/pins/expire`. An empty filter means everyone, and has to be written. */
export const manyPins = z.strictObject({ filter, expectedCount });

/** `POST /pins/reset`. */
export const manyResets = z.strictObject({
  filter,
  expectedCount,
  pinExpired: z.boolean().default(true),
  lockedOut: z.boolean().default(false),
  reveal: z.boolean().default(false),
});

/** `PATCH /users/{identity}/pin`. */
export const pinChange = z
  .strictObject({ lockedOut: z.boolean().exactOptional(), pinExpired: z.boolean().exactOptional() })
  .refine(
    (change) => Object.keys(change).length > 0,
    'names nothing to change: give lockedOut or pinExpired',
  );

/** What is wrong with an input, a sentence each; it names fields, never values, since a value may be a PIN. */
export function issuesOf(error: z.ZodError): { readonly field: string; readonly problem: string }[] {
  return error.issues.map((issue) => ({
    field: issue.path.join('.') || '(body)',
    problem:
      issue.code === 'unrecognized_keys' ? `has unknown fields: ${issue.keys.join(', ')}` : issue.message,
  }));
}
