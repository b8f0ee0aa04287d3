/** A disk without room, as a process meets it: a limit on the size of files stands for it, and is lifted again. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { checkConsistency } from '../support/consistency.ts';
import { manualCall } from '../support/manual-call.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const pin = '596183';

/** No file may grow, and none may be written beyond its first page. */
function fill(pid: number): void {
  execFileSync('prlimit', ['--pid', String(pid), '--fsize=4096:unlimited']);
}

function makeRoom(pid: number): void {
  execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:unlimited']);
}

describe('a full disk under the embedded store', () => {
  it('lets callers hear an apology and administrators a 503, lets nobody in, loses nothing, and is over when there is room', async () => {
    const folder = temporaryFolder();
    const service = await startServiceProcess({ env: { DATA_DIR: folder, LOG_LEVEL: 'error' } });
    onTestFinished(() => service.end('SIGKILL'));
    const call = () => manualCall(service.publicOrigin, service.authToken);
    const callAtPin = async () => {
      const made = call();
      await made.start(service.url);
      await made.key(service.url, '4711');
      return made;
    };
    const status = () => service.api('GET', '/users/4711/pin');
    await service.api('POST', '/users', { extension: '4711' });
    await service.api('POST', '/users/4711/pin/reset', { pin, pinExpired: false });
    await (await callAtPin()).key(service.url, '111111');
    const [ringing, guessing] = [await callAtPin(), await callAtPin()];

    fill(service.pid);
    const answers = await Promise.all([
      ringing.key(service.url, pin),
      guessing.key(service.url, '111111'),
      call().start(service.url),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
      expect(body).toMatch(/technical problem.*<Hangup\/>/s);
    }
    const refused = await Promise.all([
      status(),
      service.api('POST', '/users', { extension: '4712' }),
      service.api('PATCH', '/users/4711/pin', { lockedOut: true }),
      service.api('POST', '/users/4711/pin/reset', { pin: '740296' }),
    ]);
    for (const { status, body } of refused)
      expect([status, body]).toMatchObject([503, { code: 'store_unavailable' }]);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);

    makeRoom(service.pid);
    await waitUntil('the service is ready', async () => (await fetch(`${service.url}/readyz`)).ok);
    expect((await status()).body).toMatchObject({ failedAttempts: 1, lockedOut: false, lastSignInAt: null });
    expect((await service.api('GET', '/users/4712')).status).toBe(404);
    expect((await (await callAtPin()).key(service.url, pin)).body).toMatch(/You are signed in/);

    await service.end('SIGTERM');
    const store = await openEmbeddedStore({ folder, clock: Date.now });
    onTestFinished(() => store.close());
    expect((await checkConsistency(store, Date.now)).problems).toEqual([]);
  });
});
