/** Backup and restore of Redis, by the commands that docs/operations.md names. */
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const secrets = {
  PIN_PEPPER: Buffer.alloc(32, 23).toString('base64'),
  ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
};

async function start(settings: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis({ settings });
  onTestFinished(() => server.remove());
  return server;
}

async function serve(server: RedisServer): Promise<TestService> {
  const ringkey = await startTestService({ env: { ...secrets, REDIS_URL: server.url } });
  onTestFinished(() => ringkey.stop());
  return ringkey;
}

async function folderOf(server: RedisServer): Promise<string> {
  const reply = await server.command('CONFIG', 'GET', 'dir');
  return String((reply as string[])[1]);
}

async function infoOf(server: RedisServer, name: string): Promise<string> {
  const info = String(await server.command('INFO', 'persistence'));
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}

async function signIn(ringkey: TestService, pin: string): Promise<string> {
  const call = await ringkey.dial();
  await call.press('1001#');
  await call.press(`${pin}#`);
  return call.heard();
}

/** Saves while it is in use, and returns the file. */
async function save(server: RedisServer): Promise<string> {
  const before = Number(await server.command('LASTSAVE'));
  // It has whole seconds.
  await waitUntil('a second is over', async () => Math.floor(Date.now() / 1000) > before);
  await server.command('BGSAVE');
  await waitUntil('it is saved', async () => Number(await server.command('LASTSAVE')) > before);
  expect(await infoOf(server, 'rdb_last_bgsave_status')).toBe('ok');
  return join(await folderOf(server), 'dump.rdb');
}

describe('a copy of Redis that is made while the service runs', { timeout: 120_000 }, () => {
  it('is put back with appendonly off at first, and then keeps what it is given', async () => {
    const server = await start();
    const ringkey = await serve(server);
    await ringkey.addUser({ extension: '1001' }, '271804');
    const copy = await save(server);
    await ringkey.api('POST', '/users/1001/pin/reset', { pin: '604827', pinExpired: false });
    await server.kill9();

    const fresh = await start(['--appendonly', 'no']);
    const folder = await folderOf(fresh);
    await fresh.stop();
    copyFileSync(copy, join(folder, 'dump.rdb'));
    await fresh.restart();
    await fresh.command('CONFIG', 'SET', 'appendonly', 'yes');
    await waitUntil('the log is written', async () => {
      const states = ['aof_rewrite_scheduled', 'aof_rewrite_in_progress'];
      return (await Promise.all(states.map((state) => infoOf(fresh, state)))).every((value) => value === '0');
    });
    const restored = await serve(fresh);
    expect(await signIn(restored, '271804')).toMatch(/signed in/);
    await restored.api('PATCH', '/users/1001/pin', { lockedOut: true });

    // As the server is started from then on: with appendonly yes.
    const later = await start();
    const laterFolder = await folderOf(later);
    await fresh.kill9();
    await later.stop();
    rmSync(join(laterFolder, 'appendonlydir'), { recursive: true });
    cpSync(join(folder, 'appendonlydir'), join(laterFolder, 'appendonlydir'), { recursive: true });
    await later.restart();
    expect(await signIn(await serve(later), '271804')).toMatch(/is locked/);
  });

  it('is passed over by a server that starts with appendonly on, as the document warns', async () => {
    const server = await start();
    const ringkey = await serve(server);
    await ringkey.addUser({ extension: '1001' }, '271804');
    const copy = await save(server);
    const fresh = await start();
    const folder = await folderOf(fresh);
    await fresh.stop();
    rmSync(join(folder, 'appendonlydir'), { recursive: true });
    copyFileSync(copy, join(folder, 'dump.rdb'));
    await fresh.restart();
    expect(await fresh.command('DBSIZE')).toBe(0);
  });
});
