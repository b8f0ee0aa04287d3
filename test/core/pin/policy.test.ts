import { describe, expect, it } from 'vitest';
import { type PinPolicy, policyProblems, presets } from '../../../src/core/pin/policy.ts';
import { policyWith } from '../../support/rules.ts';

/** The table of the specification: range, default, exchange-um, lync. */
const table: Record<string, [min: number, max: number, byDefault: number, exchangeUm: number, lync: number]> =
  {
    minLength: [4, 24, 6, 6, 5],
    lifetimeDays: [0, 999, 0, 60, 0],
    expiryWarningDays: [0, 90, 7, 0, 0],
    historyCount: [0, 24, 5, 5, 0],
    maxLogonAttempts: [1, 999, 10, 15, 25],
    lockoutMinutes: [0, 1440, 0, 0, 60],
    maxFailuresBeforeHardLock: [1, 999, 100, 100, 100],
    logonFailuresBeforePinReset: [0, 998, 0, 5, 0],
    logonFailuresBeforeDisconnect: [1, 20, 3, 3, 3],
    inputFailuresBeforeDisconnect: [1, 20, 3, 3, 3],
    minMinutesBetweenChanges: [0, 129_600, 0, 0, 0],
    minDigitsChanged: [1, 24, 1, 1, 1],
    inactivityLockDays: [0, 9999, 0, 0, 0],
    temporaryPinHours: [0, 720, 72, 0, 0],
  };

describe('the table of settings', () => {
  it.each(Object.entries(table))('%s has its range, default and presets', (name, [min, max, ...values]) => {
    const read = (policy: PinPolicy) => policy[name as keyof PinPolicy];
    expect([presets.default, presets['exchange-um'], presets.lync].map(read)).toEqual(values);
    const problemsOf = (value: number) =>
      policyProblems(policyWith({ [name]: value })).filter((text) => text.includes('whole number'));
    expect([min - 1, max + 1, min + 0.5, Number.NaN].map((value) => problemsOf(value).length)).toEqual([
      1, 1, 1, 1,
    ]);
    expect([min, max].map((value) => problemsOf(value).length)).toEqual([0, 0]);
  });

  it('leaves no setting out', () => {
    expect(Object.keys(presets.default).sort()).toEqual(
      [...Object.keys(table), 'allowCommonPatterns', 'ownerGrace'].sort(),
    );
    for (const preset of Object.values(presets)) {
      expect([preset.allowCommonPatterns, preset.ownerGrace]).toEqual([false, false]);
    }
  });
});

describe('contradictions', () => {
  it('has none in a preset', () => {
    expect(Object.values(presets).map(policyProblems)).toEqual([[], [], []]);
  });

  it.each<[string, Partial<PinPolicy>]>([
    ['logonFailuresBeforePinReset', { logonFailuresBeforePinReset: 10 }],
    ['maxLogonAttempts', { maxLogonAttempts: 101 }],
    ['expiryWarningDays', { lifetimeDays: 7 }],
    ['minMinutesBetweenChanges', { lifetimeDays: 30, minMinutesBetweenChanges: 43_200 }],
    ['minDigitsChanged', { minDigitsChanged: 7 }],
  ])('refuses %s that goes against another setting, with the reason', (name, changes) => {
    expect(policyProblems(policyWith(changes))).toEqual([
      expect.stringMatching(new RegExp(`^${name} must .*: `)),
    ]);
  });

  it.each<Partial<PinPolicy>>([
    { maxLogonAttempts: 100, maxFailuresBeforeHardLock: 100 },
    { lifetimeDays: 8 },
    { lifetimeDays: 30, minMinutesBetweenChanges: 43_199 },
    { minDigitsChanged: 6 },
    { logonFailuresBeforePinReset: 9 },
  ])('takes %j, which just fits', (changes) => {
    expect(policyProblems(policyWith(changes))).toEqual([]);
  });
});
