/**
 * A PIN policy: the settings of one named set, their ranges and defaults, and the contradictions that are refused.
 */

/** Lengths are digits; times carry their unit in their name; 0 switches a limit off where the range allows it. */
export interface PinPolicy {
  readonly minLength: number;
  readonly lifetimeDays: number;
  readonly expiryWarningDays: number;
  readonly historyCount: number;
  readonly allowCommonPatterns: boolean;
  readonly maxLogonAttempts: number;
  readonly lockoutMinutes: number;
  readonly maxFailuresBeforeHardLock: number;
  readonly logonFailuresBeforePinReset: number;
  readonly logonFailuresBeforeDisconnect: number;
  readonly inputFailuresBeforeDisconnect: number;
  readonly minMinutesBetweenChanges: number;
  readonly minDigitsChanged: number;
  readonly inactivityLockDays: number;
  readonly temporaryPinHours: number;
  readonly ownerGrace: boolean;
}

type NumericSetting = {
  [K in keyof PinPolicy]: PinPolicy[K] extends number ? K : never;
}[keyof PinPolicy];

/** No PIN is longer than this, whatever the policy (Exchange UM's and Lync's limit). */
export const longestPin = 24;

/** No PIN is shorter than this, whatever the policy; fewer keyed digits are a slip, not a guess. */
export const shortestPin = 4;

/** A generated PIN has at least this many digits (NIST SP 800-63B on issued secrets). */
export const shortestGeneratedPin = 6;

/** Smallest and largest value of each numeric setting, both included. */
export const policyRanges: { readonly [K in NumericSetting]: readonly [min: number, max: number] } = {
  minLength: [shortestPin, longestPin],
  lifetimeDays: [0, 999],
  expiryWarningDays: [0, 90],
  historyCount: [0, 24],
  maxLogonAttempts: [1, 999],
  lockoutMinutes: [0, 1440],
  maxFailuresBeforeHardLock: [1, 999],
  logonFailuresBeforePinReset: [0, 998],
  logonFailuresBeforeDisconnect: [1, 20],
  inputFailuresBeforeDisconnect: [1, 20],
  minMinutesBetweenChanges: [0, 129_600],
  minDigitsChanged: [1, 24],
  inactivityLockDays: [0, 9999],
  temporaryPinHours: [0, 720],
};

export const defaultPolicy: PinPolicy = {
  minLength: 6,
  lifetimeDays: 0,
  expiryWarningDays: 7,
  historyCount: 5,
  allowCommonPatterns: false,
  maxLogonAttempts: 10,
  lockoutMinutes: 0,
  maxFailuresBeforeHardLock: 100,
  logonFailuresBeforePinReset: 0,
  logonFailuresBeforeDisconnect: 3,
  inputFailuresBeforeDisconnect: 3,
  minMinutesBetweenChanges: 0,
  minDigitsChanged: 1,
  inactivityLockDays: 0,
  temporaryPinHours: 72,
  ownerGrace: false,
};

/** The policies that exist from the start. The Microsoft presets are those products' documented defaults. */
export const presets = {
  default: defaultPolicy,
  'exchange-um': {
    ...defaultPolicy,
    lifetimeDays: 60,
    expiryWarningDays: 0,
    maxLogonAttempts: 15,
    logonFailuresBeforePinReset: 5,
    temporaryPinHours: 0,
  },
  lync: {
    ...defaultPolicy,
    minLength: 5,
    expiryWarningDays: 0,
    historyCount: 0,
    maxLogonAttempts: 25,
    lockoutMinutes: 60,
    temporaryPinHours: 0,
  },
} as const satisfies Record<string, PinPolicy>;

/**
 * What is wrong with a policy, in sentences for the administrator who wrote it; empty when it can be used.
 * Ranges come first, then settings that contradict each other.
 */
export function policyProblems(policy: PinPolicy): string[] {
  const problems = (Object.keys(policyRanges) as NumericSetting[]).flatMap((name) => {
    const [min, max] = policyRanges[name];
    const value = policy[name];
    return Number.isInteger(value) && value >= min && value <= max
      ? []
      : [`${name} must be a whole number from ${min} to ${max}, not ${value}.`];
  });
  if (problems.length > 0) return problems;
  return contradictions.filter(({ when }) => when(policy)).map(({ why }) => why);
}

const minutesPerDay = 1440;

const contradictions: readonly { when: (policy: PinPolicy) => boolean; why: string }[] = [
  {
    when: (p) => p.logonFailuresBeforePinReset >= p.maxLogonAttempts,
    why: 'logonFailuresBeforePinReset must be below maxLogonAttempts: the account would be locked before the PIN is ever reset.',
  },
  {
    when: (p) => p.maxLogonAttempts > p.maxFailuresBeforeHardLock,
    why: 'maxLogonAttempts must not exceed maxFailuresBeforeHardLock: the hard lock would always come first.',
  },
  {
    when: (p) => p.lifetimeDays > 0 && p.expiryWarningDays >= p.lifetimeDays,
    why: 'expiryWarningDays must be below lifetimeDays: a new PIN would already be announced as expiring.',
  },
  {
    when: (p) => p.lifetimeDays > 0 && p.minMinutesBetweenChanges >= p.lifetimeDays * minutesPerDay,
    why: 'minMinutesBetweenChanges must be shorter than lifetimeDays: nobody could change a PIN before it expires.',
  },
  {
    when: (p) => p.minDigitsChanged > p.minLength,
    why: 'minDigitsChanged must not exceed minLength: no PIN of that length could differ enough from the old one.',
  },
];
