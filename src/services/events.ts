/**
 * What the services report: named facts for the log and the figures. None carries a PIN, a keyed digit or a telephone number.
 */

import type { ViewCode } from '../core/call/view.ts';
import type { LockReason } from '../core/codes.ts';
import type { MailKind } from './outbox.ts';

/** How a try at a PIN came out. */
export const attemptOutcomes = [
  'right',
  'wrong',
  'locked',
  'ran-out',
  'unchecked',
  'busy',
  'too-many-tries',
] as const;

export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** Whose failures ran into their budget. */
export const budgetScopes = ['caller', 'anonymous-callers', 'service'] as const;

export type BudgetScope = (typeof budgetScopes)[number];

/** Who sets a PIN. */
export const pinSetters = ['caller', 'link', 'administrator', 'rule'] as const;

export type ServiceEvent =
  | { readonly type: 'call-started'; readonly callSid: string; readonly recognised: boolean }
  | { readonly type: 'call-ended'; readonly callSid: string; readonly outcome: ViewCode | 'hung-up' }
  | {
      readonly type: 'pin-attempt';
      readonly callSid: string;
      /** Null for an extension that nobody has. */
      readonly accountId: string | null;
      readonly outcome: AttemptOutcome;
    }
  | { readonly type: 'account-locked'; readonly accountId: string; readonly reason: LockReason }
  | { readonly type: 'account-unlocked'; readonly accountId: string }
  | { readonly type: 'signed-in'; readonly callSid: string; readonly accountId: string }
  | {
      readonly type: 'pin-changed';
      readonly accountId: string;
      readonly by: (typeof pinSetters)[number];
    }
  /** A new PIN was refused by the policy. */
  | { readonly type: 'pin-refused'; readonly accountId: string; readonly by: 'caller' | 'administrator' }
  | { readonly type: 'pin-rehashed'; readonly accountId: string }
  /** A PIN can't be verified, since this process wasn't given the pepper of its hash. The caller hears that it is wrong. */
  | { readonly type: 'pepper-missing'; readonly accountId: string; readonly pepperId: string }
  /** PINs now expire by age, which NIST SP 800-63B and ASVS 6.2.10 advise against. */
  | { readonly type: 'expiry-enabled'; readonly policy: string; readonly lifetimeDays: number }
  | { readonly type: 'mail-sent'; readonly accountId: string; readonly kind: MailKind }
  /** A mail server didn't take a mail. `failed`: it is tried again. `why` is the server's reply, never what the mail says. */
  | {
      readonly type: 'mail-failed' | 'mail-given-up';
      readonly accountId: string;
      readonly kind: MailKind;
      readonly tries: number;
      readonly why: string;
    }
  /** Somebody tries many extensions, or many try at once: worth an administrator's look. */
  | {
      readonly type: 'alert';
      readonly alert: 'failure-budget-spent';
      readonly scope: BudgetScope;
      readonly caller: string | null;
    };

export type Report = (event: ServiceEvent) => void;
