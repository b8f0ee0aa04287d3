/**
 * Runs services and model side by side, over and over, with commands of which nobody knows what they will be. What disagrees is shrunk to
 * the shortest story that still does, and printed with the seed and the path that lead to it again.
 */
import fc from 'fast-check';
import { addFirstUsers, anyCommand, compareAll, type Instance, putPolicy, type Real } from './commands.ts';
import { createModel, initialPolicy } from './model.ts';

/** Services that share a store, a clock, and what the provider knows of them. */
export interface Cluster {
  readonly instances: readonly Instance[];
  readonly publicOrigin: string;
  readonly authToken: string;
  /** Unix ms, by the clock that all of them go by. */
  now(): number;
  advance(ms: number): Promise<void>;
}

interface ModelRuns {
  readonly runs: number;
  /** Commands in one run, at most. */
  readonly commands: number;
  /** Absent: another one each time. */
  readonly seed?: number;
  /** From a failure's message, to go there again. */
  readonly path?: string;
  readonly replayPath?: string;
}

/** What the services must be set to. */
export const modelSettings = {
  CALLER_FAILURES_PER_HOUR: '4',
  SERVICE_FAILURES_PER_HOUR: '100000000',
} as const;

/** No PIN of these tests holds one of these, so that none is refused for holding its extension. */
const firstExtension = 700_000_000;

/**
 * Holds services to the model, and returns how many commands that took.
 * @throws Error with the shrunk commands, the seed and the path, when they disagree.
 */
export async function checkModel(
  cluster: Cluster,
  { runs, commands, replayPath, ...found }: ModelRuns,
): Promise<number> {
  let run = 0;
  let taken = 0;
  let callers = 0;

  async function setUp() {
    run += 1;
    const base = firstExtension + run * 10;
    const [real, model] = [
      realOf(cluster, base, () => {
        callers += 1;
        return `+4930${String(1_000_000 + callers)}`;
      }),
      createModel(cluster.now(), Number(modelSettings.CALLER_FAILURES_PER_HOUR)),
    ];
    await putPolicy(real, initialPolicy);
    await addFirstUsers(model, real);
    return { model, real };
  }

  const size = {
    maxCommands: commands,
    size: 'max' as const,
    ...(replayPath === undefined ? {} : { replayPath }),
  };
  const property = fc.asyncProperty(fc.commands(anyCommand(), size), async (story) => {
    const began = await setUp();
    await fc.asyncModelRun(() => began, story);
    taken += [...story].length;
    await compareAll(began.model, began.real);
  });
  await fc.assert(property, { numRuns: runs, ...found });
  return taken;
}

function realOf(cluster: Cluster, base: number, nextCaller: () => string): Real {
  const { instances, publicOrigin, authToken } = cluster;
  const callers = [nextCaller(), nextCaller()];
  return {
    instances,
    publicOrigin,
    authToken,
    extension: (slot) => String(base + slot),
    caller: (index) => callers[index] ?? '',
    nextCaller,
    advance: (ms) => cluster.advance(ms),
  };
}
