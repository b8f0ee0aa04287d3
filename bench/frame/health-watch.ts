/** Asks `/healthz` every 100 ms from a process of its own, so that nothing but the service can be late. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { nextMessage } from './starting.ts';

const program = fileURLToPath(new URL('../processes/health-watch.ts', import.meta.url));
const answer = z.object({ ms: z.array(z.number()), failed: z.number() });

export interface HealthWatch {
  /** Ends it. How long each answer took, and how many were none, or not 200. */
  stop(): Promise<z.infer<typeof answer>>;
}

/** @throws Error when the service doesn't answer; `stop` when the process that asks has ended. */
export async function watchHealth(port: number): Promise<HealthWatch> {
  const child = fork(program, [String(port)], { execArgv: ['--import', 'tsx'] });
  await nextMessage(child);
  return {
    async stop() {
      const message = nextMessage(child);
      child.send('stop');
      const watched = answer.parse(await message);
      child.disconnect();
      return watched;
    },
  };
}
