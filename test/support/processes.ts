/**
 * Processes that a test starts. They end with the test run, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type RunningProcess = ChildProcess & { readonly pid: number };

/**
 * The shell becomes the program, and leaves a watcher behind: its standard input is a pipe that only the test run holds, so that it
 * ends, even if that was killed, and the watcher then kills the program.
 */
const underWatch = 'exec 3<&0; { cat <&3 >/dev/null 2>&1; kill -9 $$; } >/dev/null 2>&1 & exec "$@" 3<&-';

/**
 * Starts a program and waits until it prints a line.
 * @throws Error with what it printed, when it ends before that.
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  isReady: (line: string) => boolean,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningProcess> {
  const child = spawn('sh', ['-c', underWatch, 'sh', command, ...args], { stdio: 'pipe', env });
  const printed: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`${command} ended with ${code ?? signal}:\n${printed.join('\n')}`));
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        if (printed.length < 100) printed.push(line);
        if (isReady(line)) resolve();
      });
    }
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} has no process id.`);
  return Object.assign(child, { pid });
}

/** Signals a process and waits until it has ended. */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
