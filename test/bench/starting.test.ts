import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startRingkey } from '../../bench/frame/ringkey.ts';
import { nextMessage, orUndo } from '../../bench/frame/starting.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A process that says what it is told, until it is told to die. */
function startEcho(): ChildProcess {
  const program = join(temporaryFolder(), 'echo.mjs');
  writeFileSync(
    program,
    "process.on('message', (word) => (word === 'die' ? process.exit(1) : process.send(word)));",
  );
  const child = fork(program, []);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

it('hands on one message after the other, and leaves nothing behind for each', async () => {
  const child = startEcho();
  const listeners = () => ['message', 'exit', 'error'].map((event) => child.listenerCount(event));
  const before = listeners();
  for (const word of ['one', 'two']) {
    const message = nextMessage(child);
    child.send(word);
    expect(await message).toBe(word);
  }
  expect(listeners()).toEqual(before);
});

it('does not wait for the message of a process that has ended', async () => {
  const child = startEcho();
  const message = nextMessage(child);
  child.send('die');
  await expect(message).rejects.toThrow('has ended');
  await expect(nextMessage(child)).rejects.toThrow('has ended');
});

it('undoes what work was built upon when that fails, and only then', async () => {
  const undone: string[] = [];
  const undo = async () => undone.push('undone');
  expect(await orUndo(async () => 'done', undo)).toBe('done');
  expect(undone).toEqual([]);
  await expect(orUndo(() => Promise.reject(new Error('no port')), undo)).rejects.toThrow('no port');
  expect(undone).toEqual(['undone']);
});

it('leaves no data behind of a service that does not start', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const starting = startRingkey({
    engine: 'embedded',
    users: 1,
    profileFolder: null,
    env: { PORT: 'none' },
  });
  await expect(starting).rejects.toThrow("can't start");
  expect(readdirSync(folder).filter((name) => name.startsWith('ringkey-'))).toEqual([]);
});
