import { describe, expect, it } from 'vitest';
import { type TestService, withTestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

/** Changing the PINs of many users at once, on an engine whose settings are given. */
export function describeManyPins(engine: string, settings: Settings): void {
  async function withService(use: (ringkey: TestService) => Promise<void>) {
    await withTestService({ env: await settings() }, use);
  }

  /** Posts, and reads the answer's lines; without a summary the work was cut short. */
  async function post(ringkey: TestService, path: string, body: unknown, headers = {}) {
    const { status, headers: answered, body: answer } = await ringkey.api('POST', path, body, headers);
    const lines = Array.isArray(answer.lines) ? answer.lines : [answer];
    const { summary, ...last } = lines.at(-1);
    const accounts = summary === undefined ? [] : lines.slice(0, -1);
    accounts.sort((a, b) => (a.extension < b.extension ? -1 : 1));
    return { status, type: answered.get('content-type'), accounts, summary, last };
  }

  const status = async (ringkey: TestService, identity: string) =>
    (await ringkey.api('GET', `/users/${identity}/pin`)).body;

  describe(`POST /pins/{action} on ${engine}`, () => {
    it('gives a PIN to everyone who has none, and each works', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001' });
        await ringkey.addUser({ extension: '2002' });
        await ringkey.addUser({ extension: '2003' }, '596183');
        const body = { filter: { pinSet: false }, expectedCount: 2, reveal: true, pinExpired: false };
        const { accounts, summary, type } = await post(ringkey, '/pins/reset', body);
        expect(type).toMatch(/^application\/x-ndjson/);
        expect(summary).toEqual({ matched: 2, done: 2, repeated: 0, failed: 0, dryRun: false });
        expect(accounts).toEqual(
          ['2001', '2002'].map((extension) => ({
            userId: expect.any(String),
            extension,
            outcome: 'done',
            pin: expect.stringMatching(/^\d{6}$/),
          })),
        );
        for (const { extension, pin } of accounts) {
          const call = await ringkey.dial();
          await call.press(`${extension}#${pin}#`);
          expect(call.heard()).toMatch(/signed in/);
        }
      }));

    it('locks those of a unit, unlocks everyone who is locked, and leaves the PINs', () =>
      withService(async (ringkey) => {
        const dn = 'CN=Ada,OU=Sales,DC=example';
        await ringkey.addUser({ extension: '2001', dn }, '596183');
        await ringkey.addUser({ extension: '2002' }, '596183');
        const filter = { ou: 'OU=Sales,DC=example' };
        await post(ringkey, '/pins/lock', { filter, expectedCount: 1 });
        expect(await status(ringkey, '2001')).toMatchObject({ lockReason: 'administrator' });
        expect(await status(ringkey, '2002')).toMatchObject({ lockedOut: false });
        const unlocked = await post(ringkey, '/pins/unlock', {
          filter: { lockedOut: true },
          expectedCount: 1,
        });
        expect(unlocked.accounts.map(({ extension }) => extension)).toEqual(['2001']);
        const call = await ringkey.dial();
        await call.press('2001#596183#');
        expect(call.heard()).toMatch(/signed in/);
      }));

    it('keeps to the users that are named by their ids, each once, those of the scope alone', () =>
      withService(async (ringkey) => {
        const unit = 'OU=Sales,DC=example';
        const ids = [];
        for (let extension = 2001; extension < 2101; extension += 1) {
          ids.push(await ringkey.addUser({ extension: String(extension), dn: `CN=${extension},${unit}` }));
        }
        const outside = await ringkey.addUser({ extension: '3001' });
        const chosen = [...ids.slice(0, 70), ids[0], outside, 'nobody'];
        const made = await ringkey.api('POST', '/tokens', { name: 'desk', role: 'helpdesk', scope: unit });
        const bearer = { authorization: `Bearer ${made.body.token}` };
        const body = { filter: { ids: chosen }, expectedCount: 70 };
        const { summary, accounts } = await post(ringkey, '/pins/lock', body, bearer);
        expect(summary).toMatchObject({ matched: 70, done: 70, failed: 0 });
        expect(new Set(accounts.map(({ userId }) => userId))).toEqual(new Set(ids.slice(0, 70)));
        expect(await status(ringkey, '2071')).toMatchObject({ lockedOut: false });
        expect(await status(ringkey, '3001')).toMatchObject({ lockedOut: false });
        const both = { filter: { ids: chosen, lockedOut: false }, expectedCount: 1 };
        expect((await post(ringkey, '/pins/lock', both)).accounts).toMatchObject([{ extension: '3001' }]);
        const none = await post(ringkey, '/pins/lock', { filter: { ids: [] }, expectedCount: 0 });
        expect(none.accounts).toEqual([]);
      }));

    it('goes on after an account that fails, and says which', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001' }, '596183');
        await ringkey.addUser({ extension: '2002' });
        await ringkey.addUser({ extension: '2003' }, '596183');
        const { accounts, summary } = await post(ringkey, '/pins/expire', { filter: {}, expectedCount: 3 });
        expect(summary).toMatchObject({ matched: 3, done: 2, failed: 1 });
        expect(accounts.map(({ outcome, code }) => [outcome, code])).toEqual([
          ['done', undefined],
          ['failed', 'pin_not_set'],
          ['done', undefined],
        ]);
        expect(await status(ringkey, '2003')).toMatchObject({ pinExpired: true });
      }));

    it('changes nothing when another number was expected, and says how many there are', () =>
      withService(async (ringkey) => {
        for (const extension of ['2001', '2002']) await ringkey.addUser({ extension }, '596183');
        for (const expectedCount of [0, 1, 3]) {
          const { last } = await post(ringkey, '/pins/lock', { filter: {}, expectedCount });
          expect(last).toMatchObject({ status: 409, code: 'count_differs', count: 2 });
        }
        expect(await status(ringkey, '2001')).toMatchObject({ lockedOut: false });
      }));

    it('with dryRun names whom it would change, and changes nobody', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001' });
        for (const action of ['reset', 'lock']) {
          const body = { filter: {}, expectedCount: 1, ...(action === 'reset' ? { reveal: true } : {}) };
          const { accounts, summary } = await post(ringkey, `/pins/${action}?dryRun=true`, body);
          expect(accounts).toEqual([
            { userId: expect.any(String), extension: '2001', outcome: 'would-change' },
          ]);
          expect(summary).toEqual({ matched: 1, done: 0, repeated: 0, failed: 0, dryRun: true });
        }
        const expiry = await post(ringkey, '/pins/expire?dryRun=true', { filter: {}, expectedCount: 1 });
        expect(expiry.accounts).toMatchObject([{ outcome: 'failed', code: 'pin_not_set' }]);
        expect(expiry.summary).toMatchObject({ matched: 1, failed: 1, dryRun: true });
        expect(await status(ringkey, '2001')).toMatchObject({ pinSet: false, lockedOut: false });
      }));

    it('goes on under the same Idempotency-Key, and gives nobody a second PIN', () =>
      withService(async (ringkey) => {
        const key = { 'idempotency-key': 'a-key' };
        await ringkey.addUser({ extension: '2001' });
        await ringkey.addUser({ extension: '2002' });
        const body = { filter: {}, expectedCount: 3, reveal: true };
        expect((await post(ringkey, '/pins/reset', body, key)).last.code).toBe('count_differs');
        await ringkey.addUser({ extension: '2003' });
        const first = await post(ringkey, '/pins/reset', body, key);
        expect(first.summary).toMatchObject({ done: 3, repeated: 0 });
        const { lastChangedAt } = await status(ringkey, '2001');
        ringkey.clock.advance(1000);
        await ringkey.addUser({ extension: '2004' });
        const second = await post(ringkey, '/pins/reset', body, key);
        expect(second.summary).toMatchObject({ matched: 4, failed: 0 });
        const again = second.accounts.filter(({ outcome }) => outcome === 'repeated');
        expect(again.length).toBeGreaterThanOrEqual(2);
        expect(again.every((line) => !('pin' in line))).toBe(true);
        expect((await status(ringkey, '2001')).lastChangedAt).toBe(lastChangedAt);
        const other = await post(ringkey, '/pins/reset', { ...body, filter: { pinSet: true } }, key);
        expect(other.last).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
      }));

    it('sets one PIN when the same reset comes many times at once, and another one under another key', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001' });
        const reset = (key: string) =>
          ringkey.api('POST', '/users/2001/pin/reset', { reveal: true }, { 'idempotency-key': key });
        const answers = await Promise.all(Array.from({ length: 8 }, () => reset('a-key')));
        const told = answers.filter(({ body }) => body.pin !== undefined);
        expect(told).toHaveLength(1);
        expect(answers.filter(({ body }) => body.repeated === true)).toHaveLength(7);
        const call = await ringkey.dial();
        await call.press(`2001#${told[0]?.body.pin}#`);
        expect(call.heard()).toMatch(/new PIN/i);
        expect((await reset('another-key')).body.pin).toBeDefined();
        ringkey.clock.advance(86_400_001);
        expect((await reset('a-key')).body.pin).toBeDefined();
        expect((await reset('white space')).body.code).toBe('invalid_request');
      }));

    it('refuses PINs that nobody would know, one PIN for all, a missing filter, and unknown actions', () =>
      withService(async (ringkey) => {
        const refused = async (path: string, body: unknown) => (await post(ringkey, path, body)).last.code;
        const silent = { filter: {}, expectedCount: 0, sendEmail: false };
        expect(await refused('/pins/reset', silent)).toBe('pin_not_deliverable');
        const same = { filter: {}, expectedCount: 0, pin: '596183', reveal: true };
        expect(await refused('/pins/reset', same)).toBe('invalid_request');
        expect(await refused('/pins/lock', { expectedCount: 0 })).toBe('invalid_request');
        expect(await refused('/pins/lock', { filter: {} })).toBe('invalid_request');
        expect(await refused('/pins/lock?dryRun=maybe', { filter: {}, expectedCount: 0 })).toBe(
          'invalid_request',
        );
        expect(await refused('/pins/forget', { filter: {}, expectedCount: 0 })).toBe('not_found');
      }));

    it('keeps a token to its scope and its role', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001', dn: 'CN=Ada,OU=Sales,DC=example' }, '596183');
        await ringkey.addUser({ extension: '2002' }, '596183');
        const grant = { name: 'sales', role: 'helpdesk', scope: 'OU=Sales,DC=example' };
        const { token } = (await ringkey.api('POST', '/tokens', grant)).body;
        const headers = { authorization: `Bearer ${token}` };
        const ask = async (path: string, body: unknown) =>
          (await ringkey.api('POST', path, body, headers)).body;
        expect(await ask('/pins/lock', { filter: {}, expectedCount: 2 })).toMatchObject({ count: 1 });
        const reset = { filter: {}, expectedCount: 1, reveal: true };
        expect(await ask('/pins/reset', reset)).toMatchObject({ code: 'not_permitted' });
      }));

    it('stops when the client goes away', () =>
      withService(async (ringkey) => {
        const extensions = Array.from({ length: 150 }, (_, n) => String(2000 + n));
        for (const extension of extensions) await ringkey.addUser({ extension });
        const gone = new AbortController();
        const response = await fetch(`${ringkey.service.url}/api/v1/pins/reset`, {
          method: 'POST',
          signal: gone.signal,
          headers: {
            authorization: `Bearer ${ringkey.secrets.adminToken}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ filter: {}, expectedCount: 150, reveal: true }),
        });
        await response.body?.getReader().read();
        gone.abort();
        let left = Number.POSITIVE_INFINITY;
        let readsWithoutProgress = 0;
        while (readsWithoutProgress < 10) {
          const now = await withoutPin(ringkey);
          readsWithoutProgress = now < left ? 0 : readsWithoutProgress + 1;
          left = now;
        }
        expect(left).toBeGreaterThan(0);
      }));
  });

  async function withoutPin(ringkey: TestService): Promise<number> {
    const { body } = await ringkey.api('GET', '/users?pinSet=false&limit=1000');
    return Array.isArray(body.users) ? body.users.length : 0;
  }
}
