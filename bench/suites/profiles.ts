/** What the main thread does in steps without a hash: a CPU profile of the service on each store, beside the bare application's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { startBareApp } from '../frame/bare-app.ts';
import { connectionsTo, keyIn, startCall } from '../frame/caller.ts';
import { closedLoop } from '../frame/closed-loop.ts';
import { kinds, profileNow, readProfile, type SelfTime, selfTime } from '../frame/cpu-profile.ts';
import { startRingkey } from '../frame/ringkey.ts';
import { inShort, percent } from '../frame/statistics.ts';
import type { Cell, Context, Engine, Section, Suite } from '../frame/suite.ts';
import { extensionOf } from '../frame/users.ts';

const users = 2000;
const warmUpMs = 3000;
const mostFunctions = 10;

type Name = 'bare' | Engine;

/** One contender with so many in flight. */
interface Profiled {
  readonly name: Name;
  readonly inFlight: number;
  readonly time: SelfTime;
  readonly steps: number;
}

/** A call comes in, and an extension is keyed: two steps, again and again. */
async function load(port: number, inFlight: number, roundMs: number): Promise<number> {
  const connections = connectionsTo(port);
  let steps = 0;
  await closedLoop({
    inFlight,
    warmUpMs: 0,
    roundMs,
    async once(slot) {
      const connection = connections.of(slot);
      const { open } = await startCall(connection, steps);
      if (open === null) throw new Error('A call that came in was not asked for anything.');
      const { told } = await keyIn(connection, open, extensionOf(steps % users));
      if (told !== 'keys') throw new Error(`Who keyed an extension was told "${told}".`);
      steps += 2;
      return true;
    },
  });
  connections.close();
  return steps;
}

/** A process of its own for each, since a profile tells of a process from its start to its end. */
async function profile(name: Name, inFlight: number, roundMs: number): Promise<Profiled> {
  const profileFolder = makeTemporaryFolder();
  const contender =
    name === 'bare'
      ? await startBareApp(profileFolder)
      : await startRingkey({ engine: name, users, profileFolder });
  let measured: { readonly from: number; readonly to: number; readonly steps: number };
  try {
    await load(contender.port, Math.max(8, inFlight), warmUpMs);
    const from = profileNow();
    const steps = await load(contender.port, inFlight, roundMs);
    measured = { from, to: profileNow(), steps };
  } finally {
    // It writes the profile as it ends.
    await contender.remove();
  }
  // CPU.DATE.TIME.PROCESS.THREAD.NUMBER.cpuprofile: the main thread is 0.
  const file = readdirSync(profileFolder).find((one) => /\.0\.\d+\.cpuprofile$/.test(one));
  if (file === undefined) throw new Error(`No profile was left of ${name}.`);
  const { from, to, steps } = measured;
  const time = selfTime(readProfile(readFileSync(join(profileFolder, file), 'utf8')), from, to);
  return { name, inFlight, time, steps };
}

const headings: Readonly<Record<Name, string>> = { bare: 'bare', embedded: 'folder', redis: 'Redis' };

function kindSection(inFlight: number, profiled: readonly Profiled[]): Section {
  const each = (us: number, { steps }: Profiled) => us / steps;
  const row = (name: string, cell: (one: Profiled) => Cell): Cell[] => [name, ...profiled.map(cell)];
  return {
    title: `Where a step's time goes with ${inFlight} in flight`,
    text: "µs of the main thread's own time for each step.",
    columns: ['', ...profiled.map(({ name }) => headings[name])],
    rows: [
      ...kinds.map((kind) => row(kind, (one) => each(one.time.kinds.get(kind) ?? 0, one))),
      row('**all**', (one) => each(one.time.busy, one)),
      row('waiting, as a part of the time', ({ time }) => percent(time.idle / (time.busy + time.idle))),
    ],
    goals: [],
  };
}

function functionSection({ name, inFlight, time, steps }: Profiled): Section {
  return {
    title: `The ten dearest functions on ${name === 'redis' ? 'Redis' : 'the folder'}, ${inFlight} in flight`,
    columns: ['function', 'counted as', 'µs a step', 'of the busy time'],
    rows: time.functions
      .slice(0, mostFunctions)
      .map(({ name: called, kind, us }) => [
        `\`${called}\``,
        kind,
        inShort(us / steps),
        percent(us / time.busy),
      ]),
    goals: [],
  };
}

export const profiles: Suite = {
  name: 'profiles',
  title: 'Profiles of steps without a hash',
  async run({ options, progress }: Context) {
    const names: readonly Name[] = ['bare', ...options.engines];
    const sections: Section[] = [];
    for (const inFlight of options.inFlight ?? [1, 64]) {
      const profiled: Profiled[] = [];
      for (const name of names) {
        progress(`${name}: ${inFlight} in flight`);
        profiled.push(await profile(name, inFlight, options.roundMs * options.rounds));
      }
      sections.push(kindSection(inFlight, profiled));
      for (const one of profiled) if (one.name !== 'bare') sections.push(functionSection(one));
    }
    return sections;
  },
};
