/**
 * The codes the rules speak in. Words for them live at the edge: phrases for a caller, messages for an administrator.
 */

/** Why a PIN is refused. Order is the order in which refusals are reported; the first one is spoken to a caller. */
export const refusalCodes = [
  'not_digits',
  'too_short',
  'too_long',
  'repeated_digit',
  'sequence',
  'repeated_group',
  'two_digits_only',
  'keypad_line',
  'palindrome',
  'date_like',
  'contains_extension',
  'ends_phone_number',
  'spells_name',
  'too_common',
  'recently_used',
  'too_similar',
  'changed_too_recently',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** Why a change of PIN is due before a caller may sign in (`voluntary`: it isn't, the caller asked for it). */
export const changeReasons = ['first-use', 'administrator', 'expired', 'policy', 'voluntary'] as const;

export type ChangeReason = (typeof changeReasons)[number];

/** Why an account can't be signed in to. */
export const lockReasons = ['administrator', 'failures', 'failure-cap', 'inactivity'] as const;

export type LockReason = (typeof lockReasons)[number];
