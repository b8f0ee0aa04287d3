/** What a table that a command writes was made on: the machine and the commit. */
import { execFileSync } from 'node:child_process';
import { describeMachine } from '../resilience-document.ts';

/**
 * The commit that lies in a checkout, as in `1a2b3c4`; `1a2b3c4 with changes` where something beside the documents isn't as it was
 * committed, since what a run before has written is no change of what is run.
 * @param root of the checkout. @throws Error when it is none.
 */
export function describeCommit(root: string): string {
  const git = (...args: readonly string[]) => outputOf('git', '-C', root, ...args);
  const isChanged = git('status', '--porcelain', '--', '.', ':!docs', ':!node_modules') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`;
}

/** The machine and the commit, as they stand beside the date of a table. @param commit as `describeCommit` told it before the run. */
export function describeSource(commit: string): string {
  return `${describeMachine(describeRedis())}, commit ${commit}`;
}

/** The version of the Redis that tests start. */
export function describeRedis(): string {
  const [, version = 'unknown'] = /v=(\S+)/.exec(outputOf('redis-server', '--version')) ?? [];
  return version;
}

function outputOf(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}
