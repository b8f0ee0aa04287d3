/**
 * Whether the time until a wrong PIN is answered tells what kind of extension it was keyed for. Times are measured in turns, in an order
 * that is drawn anew for each turn, so that whatever else the machine does falls on all kinds alike.
 */
import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { createWire } from '../fuzz/wire.ts';
import { type Random, runs, seededRandom, soakSeed } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { type TestService, withTestService } from '../support/service.ts';
import { callAtPin, signedKeys } from './callers.ts';
import { detectableShift, median } from './rank-test.ts';
import { compareTimes } from './time-alarm.ts';

/** All comparisons of a run together raise a false alarm in one of a thousand runs at most (Bonferroni). */
const falseAlarms = 0.001;
const power = 0.9;

/** Extensions of each kind, used in turn. */
const perKind = 8;
const [pin, wrongPin, appUrl] = ['596183', '470295', 'https://app.example.com/calls'];
const dayMs = 86_400_000;
/** Half of the work that production has: long enough to be missed on a busy machine, and short enough for thousands. */
const hashCost = { memoryKib: 9728, passes: 2, lanes: 1 };

/** With fewer of each kind, not even a hash that isn't computed is sure to be found. */
const enoughForControl = 1000;

/** By what has to be as slow as what. */
const comparisons = [
  ['an account', "nobody's"],
  ['its PIN expired', "nobody's"],
  ['disabled', "nobody's"],
  ['without a PIN', "nobody's"],
  ['a locked account', "nobody's, locked"],
] as const;

const redis = useRedis('node');

it('answers a wrong PIN no sooner or later for one kind of extension than for another, on the embedded store', () =>
  compare('the embedded store', {}));

it('answers a wrong PIN no sooner or later for one kind of extension than for another, on Redis', async () =>
  compare('Redis', await redis.emptied()));

async function compare(where: string, env: Readonly<Record<string, string>>): Promise<void> {
  const settings = {
    ...env,
    APP_URL: appUrl,
    LOG_LEVEL: 'warn',
    CALLER_FAILURES_PER_HOUR: '1000000',
    SERVICE_FAILURES_PER_HOUR: '1000000',
  };
  await withTestService({ env: settings, hashCost }, async (ringkey) => {
    const times = await measure(ringkey, runs(1000));
    const of = (kind: string) => times.get(kind) ?? [];
    // Each by rank and by shape.
    const alpha = falseAlarms / (comparisons.length * 2);
    const random = seededRandom('power', soakSeed);
    const test = ([kind, other]: readonly [string, string]) => {
      const [a, b] = [of(kind), of(other)];
      const compared = compareTimes(a, b, alpha);
      reportRow(
        `Times until a wrong PIN is answered: Mann-Whitney U and Kolmogorov-Smirnov, both two-sided, each at ${alpha.toExponential(0)}`,
        {
          service: where,
          'an extension that is': kind,
          'against one that is': other,
          'measured, each': a.length,
          'median, ms': median(a).toFixed(3),
          'median of the other, ms': median(b).toFixed(3),
          'p by rank': compared.byRank.toPrecision(2),
          'p by shape': compared.byShape.toPrecision(2),
          'found nine times of ten: a shift of, ms': detectableShift(b, alpha, power, random).toFixed(3),
          'a decile differs for certain by, ms': compared.certainShift.toFixed(3),
          'differs by, ms': compared.isFound ? compared.medianShift.toFixed(3) : 'nothing found',
        },
      );
      return compared.isAlarm ? [`${kind} / ${other}`] : [];
    };
    const alarms = comparisons.flatMap(test);
    // That these very times can show a difference: a locked account computes no hash, and is known to be answered sooner.
    const control = test(['a locked account', 'an account']);
    expect(alarms).toEqual([]);
    if (of('an account').length >= enoughForControl)
      expect(control).toEqual(['a locked account / an account']);
  });
}

/** So many times of each kind, in ms. */
async function measure(ringkey: TestService, count: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const policy = async (maxLogonAttempts: number) => {
    const answer = await ringkey.api('PUT', '/policies/default', {
      lifetimeDays: 60,
      expiryWarningDays: 0,
      maxLogonAttempts,
      maxFailuresBeforeHardLock: 999,
      logonFailuresBeforeDisconnect: 20,
    });
    if (answer.status !== 200) throw new Error(answer.text);
  };
  let last = 40_000;
  const extensions = () => Array.from({ length: perKind }, () => String(++last));
  const withUsers = async (more: object, given: string | undefined) => {
    const made = extensions();
    for (const extension of made) await ringkey.addUser({ extension, ...more }, given);
    return made;
  };
  await policy(998);
  const expired = await withUsers({}, pin);
  ringkey.clock.advance(61 * dayMs);
  const kinds = new Map<string, readonly string[]>([
    ['an account', await withUsers({}, pin)],
    ["nobody's", extensions()],
    ['its PIN expired', expired],
    ['disabled', await withUsers({ enabled: false }, pin)],
    ['without a PIN', await withUsers({}, undefined)],
    ['a locked account', await withUsers({}, pin)],
    ["nobody's, locked", extensions()],
  ]);
  await policy(1);
  for (const kind of ['a locked account', "nobody's, locked"]) {
    for (const extension of kinds.get(kind) ?? []) {
      await (await callAtPin(ringkey, extension, '+15551300000')).key(wrongPin);
    }
  }
  await policy(998);

  const wire = createWire(ringkey.service.url);
  const random = seededRandom('timing', soakSeed);
  /** The call of each extension that is asked for its PIN, and where the digits go. */
  const open = new Map<string, { readonly callSid: string; readonly action: string }>();
  const times = new Map([...kinds.keys()].map((kind): [string, number[]] => [kind, []]));
  try {
    for (let round = -20; round < count; round += 1) {
      // The tries of a minute are remembered with the account: each finds as many.
      ringkey.clock.advance(61_000);
      for (const kind of shuffled([...kinds.keys()], random)) {
        const extension = kinds.get(kind)?.at(round % perKind) ?? '';
        const asked = open.get(extension) ?? (await callAtPin(ringkey, extension, '+15551300000'));
        const sent = signedKeys(ringkey, asked.action, asked.callSid, wrongPin);
        const began = performance.now();
        const answer = await wire.send(sent);
        const ms = performance.now() - began;
        // The first rounds are for the compiler and the caches.
        if (round >= 0) times.get(kind)?.push(ms);
        const next = /action="([^"]+)"/.exec(answer?.body ?? '')?.[1];
        if (next === undefined) open.delete(extension);
        else open.set(extension, { callSid: asked.callSid, action: next });
      }
    }
  } finally {
    wire.close();
  }
  return times;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, place: random.below(2 ** 30) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
