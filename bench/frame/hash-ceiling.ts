/** The most that can be hashed here: raw `argon2.verify` in a process of its own, with nothing around it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

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
      child.send(request);
      const [message] = await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(() => Promise.reject(new Error('The process that hashes has ended.'))),
      ]);
      return answer.parse(message);
    },
    end: () => void child.disconnect(),
  };
}
