/**
 * Processes that a test starts. They end with the test run, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a program and waits until it prints a line.
 * @throws Error with what it printed, when it ends before that.
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  isReady: (line: string) => boolean,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const printed: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${command} ended with ${code}:\n${printed.join('\n')}`)));
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
