/** The most that can be hashed here: raw `argon2.verify` in a process of its own, with nothing around it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { nextMessage } from './starting.ts';

export interface CeilingRequest {
  readonly digest: string;
  readonly pin: string;
  /** In base64. */
  readonly secret: string;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly roundMs: number;
}

const answer = z.object({
  perSecond: z.number(),
  /** Seconds of CPU for each. */
  cpuEach: z.number(),
});

export type CeilingAnswer = z.infer<typeof answer>;

export interface HashCeiling {
  round(options: { inFlight: number; warmUpMs: number; roundMs: number }): Promise<CeilingAnswer>;
  end(): void;
}

const program = fileURLToPath(new URL('../processes/hash-ceiling.ts', import.meta.url));

export function startHashCeiling(what: {
  readonly digest: string;
  readonly pin: string;
  readonly secret: Buffer;
}): HashCeiling {
  const child = fork(program, [], { execArgv: ['--import', 'tsx'] });
  return {
    async round(options) {
      const request: CeilingRequest = { ...what, secret: what.secret.toString('base64'), ...options };
      const message = nextMessage(child);
      child.send(request);
      return answer.parse(await message);
    },
    end: () => void child.disconnect(),
  };
}
