import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { watchHealth } from '../../bench/frame/health-watch.ts';
import { nextMessage } from '../../bench/frame/starting.ts';

const program = fileURLToPath(new URL('../../bench/processes/health-watch.ts', import.meta.url));

/** A service that is always well, for the running test. */
async function startService(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((_request, response) => void response.end('well'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

it('tells how long the answers took, and how many there were none of', { timeout: 30_000 }, async () => {
  const { port } = await startService();
  const watch = await watchHealth(port);
  const { ms, failed } = await watch.stop();
  expect(ms.length).toBeGreaterThan(0);
  expect(failed).toBe(0);
});

it('says so where nothing answers, instead of waiting', { timeout: 30_000 }, async () => {
  const { server, port } = await startService();
  server.close();
  await once(server, 'close');
  await expect(watchHealth(port)).rejects.toThrow('has ended');
});

it('ends with whoever started it', { timeout: 30_000 }, async () => {
  const { port } = await startService();
  const child = fork(program, [String(port)], { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await nextMessage(child)).toBe('begun');
  const ended = once(child, 'exit');
  child.disconnect();
  expect(await ended).toEqual([0, null]);
});
