import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { memoryParts, partsOf, reporting } from '../../bench/frame/memory-parts.ts';
import { endProcess, startProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const mib = 2 ** 20;

it('parts what a process has for itself from pages of files, and what Node knows from what is native', () => {
  const told = { heapTotal: 60 * mib, heapUsed: 40 * mib, external: 10 * mib };
  expect(partsOf(told, { Rss: 250 * 1024, Anonymous: 200 * 1024 })).toEqual({
    resident: 250,
    files: 50,
    own: 200,
    heap: 60,
    live: 40,
    buffers: 10,
    native: 130,
  });
});

it('asks a running program, which collects its garbage when it is told to', { timeout: 30_000 }, async () => {
  const socket = join(temporaryFolder(), 'memory.sock');
  const { nodeArgs, env } = reporting(socket);
  const program = [
    '--eval',
    "let kept = new Array(4e6).fill(0.5); process.on('SIGUSR2', () => { kept = [kept[0]]; console.log('dropped'); }); console.log('ready'); setInterval(() => {}, 1e6);",
  ];
  const child = await startProcess(process.execPath, [...nodeArgs, ...program], (line) => line === 'ready', {
    ...process.env,
    ...env,
  });
  onTestFinished(() => endProcess(child, 'SIGKILL'));
  const before = await memoryParts(child.pid, socket, true);
  const dropped = once(child.stdout ?? child, 'data');
  child.kill('SIGUSR2');
  await dropped;
  const garbage = await memoryParts(child.pid, socket, false);
  const after = await memoryParts(child.pid, socket, true);
  expect(garbage.live).toBeGreaterThan(30);
  expect(before.live).toBeGreaterThan(30);
  expect(after.live).toBeLessThan(before.live - 25);
  expect(after.own).toBeGreaterThan(after.heap);
});
