/** The settings of a policy in words, with their ranges. A test holds them to those of the service. */

/**
 * @typedef {object} Setting
 * @property {string} name
 * @property {string} label
 * @property {string} hint
 * @property {number} [min] numbers have a range; without one it is a choice
 * @property {number} [max]
 */

/** @type {readonly { title: string, settings: readonly Setting[] }[]} */
export const settingGroups = [
  {
    title: 'The PIN',
    settings: [
      {
        name: 'minLength',
        label: 'Least digits',
        hint: 'Shorter PINs must be changed at the next sign-in.',
        min: 4,
        max: 24,
      },
      {
        name: 'allowCommonPatterns',
        label: 'Allow weak PINs',
        hint: 'Such as 123456, dates, or the extension. Not recommended.',
      },
      {
        name: 'historyCount',
        label: 'Earlier PINs that stay refused',
        hint: 'Counts the present one. Binds callers, not administrators. 0: none.',
        min: 0,
        max: 24,
      },
      {
        name: 'minDigitsChanged',
        label: 'Digits that must change',
        hint: 'Between one PIN and the next.',
        min: 1,
        max: 24,
      },
      {
        name: 'minMinutesBetweenChanges',
        label: 'Minutes between changes',
        hint: 'For changes that callers make of their own accord. 0: no limit.',
        min: 0,
        max: 129_600,
      },
      {
        name: 'temporaryPinHours',
        label: 'Hours a generated PIN works',
        hint: 'If it is not used. 0: for good.',
        min: 0,
        max: 720,
      },
    ],
  },
  {
    title: 'Expiry',
    settings: [
      {
        name: 'lifetimeDays',
        label: 'Days until a PIN expires',
        hint: '0: never, which NIST SP 800-63B advises.',
        min: 0,
        max: 999,
      },
      {
        name: 'expiryWarningDays',
        label: 'Days of warning',
        hint: 'Callers are told, and may change it at once.',
        min: 0,
        max: 90,
      },
    ],
  },
  {
    title: 'Failed tries',
    settings: [
      {
        name: 'maxLogonAttempts',
        label: 'Wrong PINs until the lock',
        hint: 'Counted over calls, since the last sign-in.',
        min: 1,
        max: 999,
      },
      {
        name: 'lockoutMinutes',
        label: 'Minutes that a lock lasts',
        hint: '0: until an administrator unlocks.',
        min: 0,
        max: 1440,
      },
      {
        name: 'maxFailuresBeforeHardLock',
        label: 'Wrong PINs until the hard lock',
        hint: 'Only an administrator lifts it, whatever the minutes.',
        min: 1,
        max: 999,
      },
      {
        name: 'logonFailuresBeforePinReset',
        label: 'Wrong PINs until an automatic reset',
        hint: 'A new PIN is mailed to the user. 0: never.',
        min: 0,
        max: 998,
      },
      {
        name: 'logonFailuresBeforeDisconnect',
        label: 'Wrong PINs until the call ends',
        hint: 'The count goes on in the next call.',
        min: 1,
        max: 20,
      },
      {
        name: 'inputFailuresBeforeDisconnect',
        label: 'Unusable inputs until the call ends',
        hint: 'Silence, or keys that mean nothing there.',
        min: 1,
        max: 20,
      },
      {
        name: 'ownerGrace',
        label: 'Let owners in from their own number',
        hint: 'While strangers have locked the account.',
      },
    ],
  },
  {
    title: 'Disuse',
    settings: [
      {
        name: 'inactivityLockDays',
        label: 'Days of disuse until the lock',
        hint: '0: never.',
        min: 0,
        max: 9999,
      },
    ],
  },
];
