/** What the figures depend on; nothing that names the machine. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly kernel: string;
  readonly redis: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    kernel: `${type()} ${/^\d+(\.\d+)*/.exec(release())?.[0] ?? ''}`,
    redis: versionIn(outputOf('redis-server', '--version'), /v=(\S+)/),
  };
}

/** What makes figures what they are; results are written by the measurement itself. */
const measured = ['src', 'twiml', 'bench', 'package-lock.json', ':!bench/results'];

/** The commit that is measured, with a `+` when something that matters to figures was changed since. @param folder of the repository. */
export function describeCommit(folder: string): string {
  const git = (...args: string[]) => outputOf('git', '-C', folder, ...args).trim();
  const commit = git('rev-parse', '--short=10', 'HEAD');
  const changes = git('status', '--porcelain', '--untracked-files=no', '--', ...measured);
  return commit === '' ? 'unknown' : `${commit}${changes === '' ? '' : '+'}`;
}

function versionIn(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? 'none';
}

function outputOf(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
