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

/** The commit that was measured, with a `+` when something was changed since. */
export function describeCommit(): string {
  const commit = outputOf('git', 'rev-parse', '--short=10', 'HEAD').trim();
  const changes = outputOf('git', 'status', '--porcelain', '--untracked-files=no', '--', 'src', 'twiml');
  return commit === '' ? 'unknown' : `${commit}${changes.trim() === '' ? '' : '+'}`;
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
