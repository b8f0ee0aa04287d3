/** Asks `/healthz` every 100 ms from a process of its own, so that nothing but the service can be late. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('../processes/health-watch.ts', import.meta.url));
const answer = z.object({ ms: z.array(z.number()), failed: z.number() });

export interface HealthWatch {
  /** Ends it. How long each answer took, and how many were none, or not 200. */
  stop(): Promise<z.infer<typeof answer>>;
}

export async function watchHealth(port: number): Promise<HealthWatch> {
  const child = fork(program, [String(port)], { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return {
    async stop() {
      child.send('stop');
      const [message] = await once(child, 'message');
      child.disconnect();
      return answer.parse(message);
    },
  };
}
