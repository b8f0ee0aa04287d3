/** The tables of docs/scaling.md that are computed: what calls take, what is used up first, and where the partitions end. */
import { markdownOrigin, markdownTable } from '../frame/document.ts';
import type { Result } from '../frame/results.ts';
import { inShort } from '../frame/statistics.ts';
import type { Cell } from '../frame/suite.ts';
import { type AccountCosts, busiestShare, type CallCosts, demandOf, limitsOf, usable } from './model.ts';

const callsPerHour = [100_000, 1_000_000, 10_000_000];
const nodeCounts = [1, 3, 6, 12, 24, 48, 96, 256];
const mib = 2 ** 20;
const gib = 2 ** 30;

const callCostNames = [
  'hashSeconds',
  'serviceSeconds',
  'mainThreadSeconds',
  'redisSeconds',
  'redisCommands',
  'bytesToRedis',
  'bytesFromRedis',
  'appendedBytes',
  'keptBytes',
  'sharedCommands',
] as const satisfies readonly (keyof CallCosts)[];

/** The figures that a suite has kept, by name. @throws Error naming the one that isn't there. */
function figuresOf<Name extends string>(
  result: Result,
  names: readonly Name[],
): Readonly<Record<Name, number>> {
  const kept: Record<string, number> = {};
  for (const { figures = {} } of result.sections) Object.assign(kept, figures);
  const entries = names.map((name) => {
    const value = kept[name];
    if (value === undefined)
      throw new Error(`The results of ${result.suite} have no ${name}: measure it again.`);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** @param costs results of the suite `costs`. @param size those of `size`; null: it wasn't measured, and its rows are left out. */
export function markdownModel(costs: Result, size: Result | null): string {
  const call = figuresOf(costs, callCostNames);
  const accounts = size === null ? null : figuresOf(size, ['memoryBytes', 'fileBytes']);
  const { cores } = costs.machine;
  return [
    '### What calls take',
    `Cores, main threads and nodes are filled to ${inShort(usable * 100)} %.`,
    markdownTable(
      ['', ...callsPerHour.map((calls) => `${inShort(calls)} calls an hour`)],
      demandRows(call, accounts),
    ),
    ...rangeOf(call, costs),
    ...(size === null
      ? []
      : [`Accounts were weighed by the suite \`${size.suite}\`: ${markdownOrigin(size)}`]),
    '### What is used up first',
    markdownTable(
      ['', 'calls an hour', 'and then'],
      limitsOf(call, cores).map(({ what, callsPerHour: most, remedy }) => [
        what,
        inShort(most),
        remedy ?? 'no more: see below',
      ]),
    ),
    '### How evenly the 256 account partitions fall on nodes',
    markdownTable(
      ['nodes', 'accounts on the busiest', 'as if there were so many nodes'],
      nodeCounts.map((nodes) => [nodes, `${inShort(busiestShare(nodes) * 100)} %`, 1 / busiestShare(nodes)]),
    ),
  ].join('\n\n');
}

/** What the answer would be with the least and the most that a hash took in any round; nothing where that wasn't kept. */
function rangeOf(call: Readonly<Record<keyof CallCosts, number>>, costs: Result): string[] {
  const figures = costs.sections.map((section) => section.figures ?? {});
  const kept = (name: string) => figures.find((of) => of[name] !== undefined)?.[name];
  const [least, most] = [kept('hashSecondsLeast'), kept('hashSecondsMost')];
  if (least === undefined || most === undefined) return [];
  const coresWith = (hashSeconds: number) => demandOf(1_000_000, { ...call, hashSeconds }).cores;
  const ms = [least, most].map((seconds) => inShort(seconds * 1000)).join(' to ');
  return [
    `A hash is taken to cost ${inShort(call.hashSeconds * 1000)} ms of CPU, the median. By round it was ${ms}, the ceiling's rounds among them: with the least of these a million calls an hour take ${coresWith(least)} cores, with the most ${coresWith(most)}.`,
  ];
}

function demandRows(call: CallCosts, accounts: AccountCosts | null): Cell[][] {
  const demands = callsPerHour.map((calls) => demandOf(calls, call));
  type Demanded = (typeof demands)[number];
  const row = (what: string, value: (demand: Demanded) => number): Cell[] => [
    what,
    ...demands.map((demand) => inShort(value(demand))),
  ];
  const sameFor = (what: string, value: number): Cell[] => [what, ...demands.map(() => inShort(value))];
  return [
    row('calls a second', ({ perSecond }) => perSecond),
    row('cores busy with hashes', ({ hashCores }) => hashCores),
    row("cores busy with the service's other work", ({ serviceCores }) => serviceCores),
    row('cores busy with Redis', ({ redisCores }) => redisCores),
    row('cores to have', ({ cores }) => cores),
    row('processes, at least, for their main threads', ({ processes }) => processes),
    row('nodes of Redis, at least', ({ redisNodes }) => redisNodes),
    row('commands a second', ({ redisCommands }) => redisCommands),
    row('traffic with Redis, MiB a second', ({ redisTraffic }) => redisTraffic / mib),
    row(
      'the append-only file grows by, GiB an hour',
      ({ appendedBytesPerHour }) => appendedBytesPerHour / gib,
    ),
    row('memory for calls of the last half hour, GiB', ({ callBytes }) => callBytes / gib),
    ...(accounts === null
      ? []
      : [
          sameFor('memory for a million accounts, GiB', (accounts.memoryBytes * 1e6) / gib),
          sameFor('append-only file of a million accounts, rewritten, GiB', (accounts.fileBytes * 1e6) / gib),
        ]),
    row('part of one node that what all calls share takes, %', ({ sharedPart }) => sharedPart * 100),
  ];
}
