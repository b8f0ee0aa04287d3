/**
 * Every view that exists, in every variety that changes its words. The views are checked with these at start-up: what isn't here
 * can't be said.
 */
import type { AskingView, ClosingView, News, View } from '../core/call/view.ts';
import { changeReasons, refusalCodes } from '../core/codes.ts';
import { defaultPolicy, longestPin } from '../core/pin/policy.ts';

type Samples<V extends View> = { readonly [C in V['code']]: readonly Extract<V, { code: C }>[] };

const rules = { minLength: defaultPolicy.minLength, maxLength: longestPin, allowCommonPatterns: false };
const lenientRules = { ...rules, allowCommonPatterns: true };

const newsByKind: { readonly [K in News['kind']]: Extract<News, { kind: K }> } = {
  'signed-in': { kind: 'signed-in' },
  'pin-changed': { kind: 'pin-changed' },
  'pin-unchanged': { kind: 'pin-unchanged' },
  'changed-too-recently': { kind: 'changed-too-recently', minutes: 90 },
  'failed-tries': { kind: 'failed-tries', count: 2 },
};
const news = Object.values(newsByKind);

const status = {
  previousSignInAt: Date.UTC(2026, 10, 20, 15, 5),
  pinAgeDays: 12,
  pinExpiresInDays: 48,
  failedTries: 1,
};

/** Views after which the caller keys something. */
export const askingSamples: Samples<AskingView> = {
  welcome: [{ code: 'welcome' }],
  'welcome-recognised': [
    { code: 'welcome-recognised', name: 'Ana Ruiz', extension: '4201' },
    { code: 'welcome-recognised', name: null, extension: '4201' },
  ],
  extension: [{ code: 'extension' }],
  'extension-again': [{ code: 'extension-again' }],
  pin: [{ code: 'pin' }],
  'pin-again': [{ code: 'pin-again' }],
  'pin-wrong': [{ code: 'pin-wrong' }],
  'pin-unchecked': [{ code: 'pin-unchecked' }],
  'new-pin': [
    ...changeReasons.map((reason) => ({ code: 'new-pin', reason, rules }) as const),
    { code: 'new-pin', reason: 'expired', rules: lenientRules },
  ],
  'new-pin-again': [
    { code: 'new-pin-again', rules },
    { code: 'new-pin-again', rules: lenientRules },
  ],
  'new-pin-refused': refusalCodes.map((refusal) => ({ code: 'new-pin-refused', refusal, rules })),
  'new-pin-different': [{ code: 'new-pin-different' }],
  'confirm-pin': [{ code: 'confirm-pin' }],
  'confirm-pin-again': [{ code: 'confirm-pin-again' }],
  'expiry-notice': [{ code: 'expiry-notice', days: 7 }],
  'expiry-notice-again': [{ code: 'expiry-notice-again', days: 7 }],
  menu: [
    { code: 'menu', news },
    { code: 'menu', news: [] },
  ],
  'menu-again': [{ code: 'menu-again' }],
  'menu-status': [
    { code: 'menu-status', status },
    { code: 'menu-status', status: { ...status, previousSignInAt: null, pinExpiresInDays: null } },
  ],
  'current-pin': [{ code: 'current-pin' }],
  'current-pin-again': [{ code: 'current-pin-again' }],
  'current-pin-wrong': [{ code: 'current-pin-wrong' }],
};

/** Views after which the call is no longer ours. */
const closingSamples: Samples<ClosingView> = {
  handover: [
    { code: 'handover', news },
    { code: 'handover', news: [] },
  ],
  goodbye: [{ code: 'goodbye' }],
  'goodbye-silence': [{ code: 'goodbye-silence' }],
  'goodbye-wrong-pin': [{ code: 'goodbye-wrong-pin' }],
  'goodbye-locked': [{ code: 'goodbye-locked' }],
  'goodbye-locked-for-now': [{ code: 'goodbye-locked-for-now', minutes: 60 }],
  'goodbye-temporary-pin': [{ code: 'goodbye-temporary-pin' }],
  'goodbye-pin-unchanged': [{ code: 'goodbye-pin-unchanged' }],
  'goodbye-account-changed': [{ code: 'goodbye-account-changed' }],
  'goodbye-too-many-tries': [{ code: 'goodbye-too-many-tries' }],
  'goodbye-too-long': [{ code: 'goodbye-too-long' }],
  'goodbye-busy': [{ code: 'goodbye-busy' }],
  'goodbye-unavailable': [{ code: 'goodbye-unavailable' }],
  'goodbye-stale': [{ code: 'goodbye-stale' }],
};

/** The samples of every view, by its code. */
export const viewSamples: ReadonlyMap<string, readonly View[]> = new Map<string, readonly View[]>([
  ...Object.entries(askingSamples),
  ...Object.entries(closingSamples),
]);
