/**
 * What `/policies` takes.
 */
import { z } from 'zod';
import { type PinPolicy, presets } from '../core/pin/policy.ts';
import { directoryName } from './schemas.ts';

/** Used in names of the store's indexes too, so it is kept plain. */
export const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a to z, 0 to 9 and . _ -');

const setting = z.number().exactOptional();
const choice = z.boolean().exactOptional();

/** `PUT /policies/{name}`. Settings that are absent are those of `preset`. Their ranges are the policy's own matter. */
export const newPolicy = z.strictObject({
  preset: z.enum(Object.keys(presets) as (keyof typeof presets)[]).default('default'),
  units: z.array(directoryName).max(1000).default([]),
  minLength: setting,
  lifetimeDays: setting,
  expiryWarningDays: setting,
  historyCount: setting,
  allowCommonPatterns: choice,
  maxLogonAttempts: setting,
  lockoutMinutes: setting,
  maxFailuresBeforeHardLock: setting,
  logonFailuresBeforePinReset: setting,
  logonFailuresBeforeDisconnect: setting,
  inputFailuresBeforeDisconnect: setting,
  minMinutesBetweenChanges: setting,
  minDigitsChanged: setting,
  inactivityLockDays: setting,
  temporaryPinHours: setting,
  ownerGrace: choice,
}) satisfies z.ZodType<{ readonly [K in keyof PinPolicy]?: PinPolicy[K] }>;
