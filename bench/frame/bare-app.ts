/** The least that any Express application does with a webhook, to compare with: a process of its own. */
import { fileURLToPath } from 'node:url';
import { endProcess, startProcess } from '../../test/support/processes.ts';
import type { Meters } from './closed-loop.ts';
import { cpuSeconds, mainThreadSeconds, ownCpuSeconds } from './process-figures.ts';

const program = fileURLToPath(new URL('../processes/bare-app.ts', import.meta.url));

export interface BareApp {
  readonly port: number;
  /** Seconds of CPU, by the names that Ringkey's have. */
  meters(): Meters;
  remove(): Promise<void>;
}

/** @param profileFolder where it leaves a CPU profile when it ends; null: nowhere. */
export async function startBareApp(profileFolder: string | null = null): Promise<BareApp> {
  let port = 0;
  const env = { ...process.env, NODE_ENV: 'production' };
  const isReady = (line: string) => {
    port = Number(/^listening on (\d+)$/.exec(line)?.[1] ?? 0);
    return port !== 0;
  };
  const profiling = profileFolder === null ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
  const args = [...profiling, '--import', 'tsx', program];
  const child = await startProcess(process.execPath, args, isReady, env);
  return {
    port,
    meters: () => ({
      service: cpuSeconds(child.pid),
      'main thread': mainThreadSeconds(child.pid),
      redis: 0,
      caller: ownCpuSeconds(),
    }),
    remove: () => endProcess(child, 'SIGTERM'),
  };
}
