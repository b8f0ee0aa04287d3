/** What starting several things that need one another takes. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Does some work; when it fails, undoes what it was built upon, so that no process stays behind. @throws what the work throws. */
export async function orUndo<T>(work: () => Promise<T>, undo: () => Promise<unknown>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await undo();
    throw error;
  }
}

/** The next message of a child process. @throws Error when it ends before it sends one, or has ended already. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const fail = () => Promise.reject(new Error(`A child process has ended: ${child.spawnargs.join(' ')}`));
  if (child.exitCode !== null || child.signalCode !== null) return fail();
  try {
    const message = once(child, 'message', { signal }).then(([first]) => first);
    return await Promise.race([message, once(child, 'exit', { signal }).then(fail)]);
  } finally {
    // Takes the listener of the other away, of which each message would leave one.
    over.abort();
  }
}
