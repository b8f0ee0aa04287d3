/** What `npm run bench` was asked for. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Options } from './suite.ts';

export interface Command {
  /** Names of suites; empty: all. */
  readonly suites: readonly string[];
  readonly options: Options;
  /** Whether the results replace those that are kept. Runs of a part of a suite aren't kept unless they are asked to be. */
  readonly keep: boolean;
  /** Only write the documents and plots again, from the results that are kept. */
  readonly docsOnly: boolean;
}

const usage = `npm run bench -- [SUITE …]      all suites, or these
  --engine embedded|redis        one store alone
  --in-flight 1,64               instead of each suite's own numbers
  --accounts 1000,100000         instead of the numbers of accounts
  --rounds 3  --seconds 4        how many rounds of each, and how long each counts
  --overload-seconds 60          how long it is overloaded
  --cpu-prof FOLDER              services leave a CPU profile there
  --keep                         keep the results of a run of a part, too
  --docs-only                    write docs/performance.md, docs/scaling.md and plots again from what was kept`;

const whole = (most: number) => z.coerce.number().int().min(1).max(most);
const list = z
  .string()
  .regex(/^\d+(,\d+)*$/)
  .transform((text) => text.split(',').map(Number))
  .optional();
const schema = z.object({
  engine: z.enum(['embedded', 'redis']).optional(),
  'in-flight': list,
  accounts: list,
  rounds: whole(1000).optional(),
  seconds: z.coerce.number().min(0.1).max(3600).optional(),
  'overload-seconds': whole(3600).optional(),
  'cpu-prof': z.string().optional(),
  keep: z.boolean().default(false),
  'docs-only': z.boolean().default(false),
});

/** @throws Error that says how it is used, when an argument doesn't fit. */
export function readCommand(args: readonly string[]): Command {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        engine: text,
        'in-flight': text,
        accounts: text,
        rounds: text,
        seconds: text,
        'overload-seconds': text,
        'cpu-prof': text,
        keep: flag,
        'docs-only': flag,
      },
    });
    const read = schema.parse(values);
    const ofParts = ['engine', 'in-flight', 'accounts', 'rounds', 'seconds', 'overload-seconds', 'cpu-prof'];
    const isPart = ofParts.some((name) => name in values);
    return {
      suites: positionals,
      options: {
        engines: read.engine === undefined ? ['embedded', 'redis'] : [read.engine],
        inFlight: read['in-flight'] ?? null,
        accounts: read.accounts ?? null,
        rounds: read.rounds ?? 3,
        roundMs: (read.seconds ?? 4) * 1000,
        overloadMs: (read['overload-seconds'] ?? 60) * 1000,
        profileFolder: read['cpu-prof'] ?? null,
      },
      keep: read.keep || !isPart,
      docsOnly: read['docs-only'],
    };
  } catch (cause) {
    throw new Error(usage, { cause });
  }
}
