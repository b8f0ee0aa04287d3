/**
 * Letters with all that they can say, to check at start-up that there are words for it.
 */
import type { Letter, LetterKind } from '../core/letter.ts';

const at = Date.UTC(2026, 2, 5, 14, 30);
const day = 86_400_000;

function withPin<K extends 'welcome' | 'pin-reset' | 'pin-reset-after-failures'>(kind: K) {
  return [
    {
      kind,
      pin: '70418829',
      mustChange: true,
      usableUntil: at + 3 * day,
      note: 'Bring your badge.\nMind the step.',
    },
    { kind, pin: '4815', mustChange: false, usableUntil: null, note: null },
  ] as const;
}

/** Each kind's letters, in all their variants. The first of a kind says the most. */
export const letterSamples = {
  welcome: withPin('welcome'),
  'pin-reset': withPin('pin-reset'),
  'pin-reset-after-failures': withPin('pin-reset-after-failures'),
  'locked-out': [
    { kind: 'locked-out', until: at + day / 24 },
    { kind: 'locked-out', until: null },
  ],
  'pin-changed': [
    { kind: 'pin-changed', by: 'owner', at },
    { kind: 'pin-changed', by: 'administrator', at },
  ],
  'pin-expires': [
    { kind: 'pin-expires', expiresAt: at + 7 * day, days: 7 },
    { kind: 'pin-expires', expiresAt: at + day, days: 1 },
    { kind: 'pin-expires', expiresAt: at, days: 0 },
  ],
  'pin-link': [
    {
      kind: 'pin-link',
      url: 'https://pin.example.com/me#p17.4FhTnJfOqVt0CwXHq9aVbq0bJ2cM3yZsWlQpEu8RkDg',
      until: at,
    },
  ],
} as const satisfies { readonly [K in LetterKind]: readonly (Letter & { readonly kind: K })[] };
