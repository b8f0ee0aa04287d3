/** What several rounds of overload come to. What nobody may meet even once is judged by the worst round; the share let in by the median. */
import { inShort, percent, percentile, spreadOf } from '../frame/statistics.ts';
import type { Engine, Goal } from '../frame/suite.ts';

/** One round, in figures. */
export interface OverloadRound {
  readonly calls: number;
  /** Calls a webhook of which had another status than 200, or no answer. */
  readonly unanswered: number;
  /** The slowest webhook, in ms; Infinity when one had no answer. */
  readonly slowestMs: number;
  /** What `/healthz` took each time, in ms, and how often it had no answer. */
  readonly health: { readonly ms: readonly number[]; readonly failed: number };
  /** In MiB: before it, the most in its first half, and the most in all of it. */
  readonly memory: { readonly before: number; readonly earlier: number; readonly peak: number };
  readonly turnedAway: number;
  /** Calls whose PIN was checked. */
  readonly checked: number;
  /** What others heard, by name, and how many of them. */
  readonly toldElse: Readonly<Record<string, number>>;
  /** Accounts that were charged though their caller was turned away. */
  readonly chargedAway: number;
  /** Wrong PINs charged to all accounts together, and to the service. */
  readonly charged: { readonly accounts: number; readonly service: number };
  /** The part of the ceiling that was admitted. */
  readonly share: number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const growth = ({ memory }: OverloadRound) => memory.peak / memory.earlier;

/** `4.45 s (by round 3.9, 4.45, 4.1)`: the worst, and all, where there are several. */
function worst(values: readonly number[], unit: string): string {
  const all = values.length > 1 ? ` (by round ${values.map(inShort).join(', ')})` : '';
  return `${inShort(Math.max(...values))} ${unit}${all}`;
}

function toldInstead(rounds: readonly OverloadRound[]): string {
  const all = new Map<string, number>();
  for (const [told, count] of rounds.flatMap(({ toldElse }) => Object.entries(toldElse))) {
    all.set(told, (all.get(told) ?? 0) + count);
  }
  return all.size === 0 ? 'nobody' : [...all].map(([told, count]) => `${told} ${count}`).join(', ');
}

export function overloadGoals(engine: Engine, rounds: readonly OverloadRound[]): Goal[] {
  const total = (value: (round: OverloadRound) => number) => sum(rounds.map(value));
  const all = rounds.length === 1 ? '' : ` in ${rounds.length} rounds`;
  const slowest = rounds.map(({ slowestMs }) => slowestMs);
  const healthMs = rounds.flatMap(({ health }) => health.ms);
  const slowestHealth = rounds.map(({ health }) => Math.max(...health.ms));
  const withoutHealth = total(({ health }) => health.failed);
  const grown = [...rounds].sort((a, b) => growth(b) - growth(a))[0];
  const share = spreadOf(rounds.map((round) => round.share));
  const charged = total(({ charged: { accounts } }) => accounts);
  return [
    {
      text: `${engine}: no answer but 200`,
      met: rounds.every(({ unanswered }) => unanswered === 0),
      measured: `${total(({ unanswered }) => unanswered)} of ${inShort(total(({ calls }) => calls))} calls${all} had another, or none`,
      because: 'Why an answer may come late in overload',
    },
    {
      text: `${engine}: no answer later than 5 s`,
      met: slowest.every((ms) => ms <= 5000),
      measured: slowest.every(Number.isFinite)
        ? `the slowest took ${worst(
            slowest.map((ms) => ms / 1000),
            's',
          )}`
        : 'some never had an answer',
      because: 'Why an answer may come late in overload',
    },
    {
      text: `${engine}: /healthz within 100 ms throughout`,
      met: withoutHealth === 0 && slowestHealth.every((ms) => ms <= 100),
      measured: `p50 ${inShort(percentile(healthMs, 0.5))} ms, p99 ${inShort(percentile(healthMs, 0.99))} ms, slowest of ${inShort(healthMs.length)} ${worst(slowestHealth, 'ms')}; ${withoutHealth} without an answer`,
      because: 'Why an answer may come late in overload',
    },
    {
      text: `${engine}: memory bounded: no higher in the second half than in the first, within 10 %`,
      met: rounds.every((round) => growth(round) <= 1.1),
      measured:
        grown === undefined
          ? '–'
          : `${inShort(grown.memory.before)} MiB before, ${inShort(grown.memory.earlier)} in the first half, ${inShort(grown.memory.peak)} at most${rounds.length === 1 ? '' : `, in the round in which it grew most; at most by round ${rounds.map(({ memory }) => inShort(memory.peak)).join(', ')}`}`,
      because: 'Why memory grows with calls in flight',
    },
    {
      text: `${engine}: those turned away hear that too many are calling, and the others what came of their PIN`,
      met: rounds.every(({ toldElse }) => Object.keys(toldElse).length === 0),
      measured: `${inShort(total(({ turnedAway }) => turnedAway))} and ${inShort(total(({ checked }) => checked))} did${all}; something else: ${toldInstead(rounds)}`,
      because: 'Why an answer may come late in overload',
    },
    {
      text: `${engine}: whoever is turned away is charged nothing`,
      met: rounds.every(
        ({ chargedAway, charged: { accounts, service } }) => chargedAway === 0 && accounts === service,
      ),
      measured: `${total(({ chargedAway }) => chargedAway)} accounts were; ${inShort(charged)} wrong PINs that were checked are charged to theirs, ${inShort(total(({ charged: { service } }) => service))} to the service`,
    },
    {
      text: `${engine}: at least 85 % of the ceiling is admitted`,
      met: share.median >= 0.85,
      measured:
        rounds.length === 1
          ? percent(share.median)
          : `${percent(share.median)} (${percent(share.least)}–${percent(share.most)})`,
      because: 'Why overload admits less than the ceiling',
    },
  ];
}

/** The longest time between two moments that follow one another, in order, from `from` to `to`. */
export function longestGap(moments: readonly number[], from: number, to: number): number {
  const within = moments.filter((moment) => moment > from && moment < to).sort((a, b) => a - b);
  const [ends, begins] = [
    [...within, to],
    [from, ...within],
  ];
  return Math.max(...ends.map((end, index) => end - (begins[index] ?? from)));
}
