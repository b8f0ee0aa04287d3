/**
 * What `/policies` takes and answers.
 */

import { z } from 'zod';
import { type PinPolicy, policyRanges, presets } from '../core/pin/policy.ts';
import type { ListedPolicy } from '../services/policies.ts';
import { dryRunMark } from './bodies.ts';
import { answerSchemas, requestSchemas } from './components.ts';
import { directoryName, optional, text } from './schemas.ts';

/** Used in names of the store's indexes too, so it is kept plain. */
const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a to z, 0 to 9 and . _ -');

/** `GET /policies/{name}` and others, where any name may be asked for. */
export const policyParam = z.strictObject({ name: z.string() });

/** `PUT /policies/{name}` */
export const newPolicyParam = z.strictObject({ name: policyName });

const setting = (name: keyof typeof policyRanges) => {
  const [min, max] = policyRanges[name];
  return z.number().exactOptional().describe(`From ${min} to ${max}.`);
};
const choice = z.boolean().exactOptional();

/** `PUT /policies/{name}`. Settings that are absent are those of `preset`. Their ranges are the policy's own matter. */
export const newPolicy = z
  .strictObject({
    preset: z
      .enum(Object.keys(presets) as (keyof typeof presets)[])
      .default('default')
      .describe('What settings are that are absent here.'),
    units: z
      .array(directoryName)
      .max(1000)
      .default([])
      .describe('The organisational units that it holds for, as DNs.'),
    mailText: optional(text(512)).describe('Text of its own for the mails that tell a PIN.'),
    minLength: setting('minLength'),
    lifetimeDays: setting('lifetimeDays'),
    expiryWarningDays: setting('expiryWarningDays'),
    historyCount: setting('historyCount'),
    allowCommonPatterns: choice,
    maxLogonAttempts: setting('maxLogonAttempts'),
    lockoutMinutes: setting('lockoutMinutes'),
    maxFailuresBeforeHardLock: setting('maxFailuresBeforeHardLock'),
    logonFailuresBeforePinReset: setting('logonFailuresBeforePinReset'),
    logonFailuresBeforeDisconnect: setting('logonFailuresBeforeDisconnect'),
    inputFailuresBeforeDisconnect: setting('inputFailuresBeforeDisconnect'),
    minMinutesBetweenChanges: setting('minMinutesBetweenChanges'),
    minDigitsChanged: setting('minDigitsChanged'),
    inactivityLockDays: setting('inactivityLockDays'),
    temporaryPinHours: setting('temporaryPinHours'),
    ownerGrace: choice,
  })
  .register(requestSchemas, { id: 'NewPolicy' }) satisfies z.ZodType<{
  readonly [K in keyof PinPolicy]?: PinPolicy[K];
}>;

const policyFields = {
  name: z.string(),
  minLength: z.int(),
  lifetimeDays: z.int(),
  expiryWarningDays: z.int(),
  historyCount: z.int(),
  allowCommonPatterns: z.boolean(),
  maxLogonAttempts: z.int(),
  lockoutMinutes: z.int(),
  maxFailuresBeforeHardLock: z.int(),
  logonFailuresBeforePinReset: z.int(),
  logonFailuresBeforeDisconnect: z.int(),
  inputFailuresBeforeDisconnect: z.int(),
  minMinutesBetweenChanges: z.int(),
  minDigitsChanged: z.int(),
  inactivityLockDays: z.int(),
  temporaryPinHours: z.int(),
  ownerGrace: z.boolean(),
  units: z.array(z.string()),
  mailText: z.string().nullable(),
};

export const policyAnswer = z
  .strictObject(policyFields)
  .register(answerSchemas, { id: 'Policy' }) satisfies z.ZodType<PinPolicy>;

export const changedPolicyAnswer = z
  .strictObject({
    ...policyFields,
    dryRun: dryRunMark,
    affected: z
      .strictObject({
        users: z.int().describe('Whom the policy would hold for.'),
        mustChange: z.int().describe('Who of them would newly have to change their PIN.'),
        locked: z.int().describe('Who of them would be locked because nobody used them for too long.'),
      })
      .exactOptional()
      .describe('Of a dry run alone.'),
  })
  .register(answerSchemas, { id: 'ChangedPolicy' });

export const policyRemovalTriedAnswer = z
  .strictObject({ ...policyFields, dryRun: z.literal(true) })
  .register(answerSchemas, { id: 'PolicyRemovalTried' });

export const policyListAnswer = z
  .strictObject({ policies: z.array(policyAnswer) })
  .register(answerSchemas, { id: 'PolicyList' });

export function policyBody({ name, policy, units, mailText = null }: ListedPolicy) {
  return { name, ...policy, units, mailText };
}
