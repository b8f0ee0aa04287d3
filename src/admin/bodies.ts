/**
 * What the API answers with: accounts and statuses, their times as RFC 3339.
 */
import type { Account } from '../core/account.ts';
import type { PinStatus } from '../core/pin-status.ts';
import { toIso } from './input.ts';

export function userBody({ id, profile, createdAt }: Account) {
  return { id, ...profile, createdAt: toIso(createdAt) };
}

export function statusBody(status: PinStatus) {
  return {
    ...status,
    lockedUntil: toIso(status.lockedUntil),
    lastChangedAt: toIso(status.lastChangedAt),
    expiresAt: toIso(status.expiresAt),
    lastFailedAt: toIso(status.lastFailedAt),
    lastSignInAt: toIso(status.lastSignInAt),
  };
}
