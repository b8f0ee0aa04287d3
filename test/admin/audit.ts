/**
 * The audit trail, over HTTP: what it holds, how it is read, and that tampering shows. Run on each engine.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/services/documents.ts';
import type { Json, Store } from '../../src/store/store.ts';
import { fakeClock } from '../support/clock.ts';
import { type Body, startTestService, type TestService } from '../support/service.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

/** A record as it lies in the store. */
interface StoredRecord {
  readonly [field: string]: Json;
}

type Environment = () => Promise<Readonly<Record<string, string>>>;

/** @param openStore opens the store of a service that was stopped, so that it can be tampered with. */
export function describeAudit(
  engine: string,
  env: Environment,
  openStore: (dataDir: string) => Promise<Store>,
): void {
  describe(`the audit trail on ${engine}`, () => {
    let ringkey: TestService;
    beforeAll(async () => {
      ringkey = await startTestService({ env: await env() });
    });
    afterAll(() => ringkey.stop());

    const records = async (query: Body) => {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) search.set(name, String(value));
      const { body } = await ringkey.api('GET', `/audit?${search}`);
      return body.records as readonly Body[];
    };
    let last = 9000;
    const nextExtension = () => String(++last);

    it('ends in no lock when the try that reached the limit was right, and took its lock back', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183');
      const tries = [...Array.from({ length: 9 }, (_, n) => `11111${n}`), '596183'];
      for (const [n, pin] of tries.entries()) {
        const call = await ringkey.dial({ from: `+1555131000${Math.floor(n / 2)}` });
        await call.press(`${extension}#${pin}#`);
        await call.hangUp();
      }
      const found = await records({ account: id });
      expect(found.slice(-2).map(({ event }) => event)).toEqual(['pin.locked', 'pin.unlocked']);
      expect((await ringkey.api('GET', `/users/${id}/pin`)).body).toMatchObject({ lockedOut: false });
    });

    it('says that free text was searched for, and not which: it may be a token or a PIN', async () => {
      const pasted = '904736';
      for (const path of ['/users', '/users/export']) {
        for (const part of ['q', 'displayName', 'policy']) {
          await ringkey.api('GET', `${path}?${part}=${pasted}&pinSet=true`);
        }
      }
      const trail = await ringkey.api('GET', '/audit');
      expect(trail.text).not.toContain(pasted);
      expect(
        trail.text.match(/"filter":\{"pinSet":true,"q":true\}|"filter":\{"q":true,"pinSet":true\}/g),
      ).toHaveLength(2);
    });

    it('holds one record for each change and each look, and none for what was refused to be heard', async () => {
      const { now } = ringkey.clock;
      const id = await ringkey.addUser({ extension: nextExtension() });
      const pin = `/users/${id}/pin`;
      await ringkey.api('POST', `${pin}/reset`, { pin: '123456' });
      await ringkey.api('POST', `${pin}/reset`, { reveal: true });
      await ringkey.api('POST', `${pin}/reset`, { pin: '596183', lockedOut: true, pinExpired: false });
      await ringkey.api('PATCH', pin, { lockedOut: true });
      await ringkey.api('PATCH', pin, { lockedOut: false, pinExpired: true });
      await ringkey.api('PATCH', pin, { pinExpired: false });
      await ringkey.api('GET', pin);
      await ringkey.api('PATCH', pin, {});
      await ringkey.api('POST', `${pin}/reset`, { unknown: 1 });
      const found = await records({ account: id });
      expect(found.map(({ event, outcome }) => `${event} ${outcome}`)).toEqual([
        'user.created done',
        'pin.reset refused',
        'pin.reset done',
        'pin.reset done',
        'pin.locked done',
        'pin.unlocked done',
        'pin.change-required done',
        'pin.change-waived done',
        'pin.status-read done',
      ]);
      for (const record of found) {
        expect(record).toMatchObject({
          at: new Date(now()).toISOString(),
          actor: { kind: 'token', name: 'ADMIN_TOKEN', from: expect.stringMatching(/127\.0\.0\.1$/) },
          accountId: id,
        });
      }
    });

    it('holds who made and who revoked a token, and never the token', async () => {
      const made = await ringkey.api('POST', '/tokens', { name: 'traced', role: 'admin' });
      const { id, token } = made.body;
      await ringkey.api('DELETE', `/tokens/${id}`, undefined, { authorization: `Bearer ${token}` });
      const found = (await records({ limit: 1000 })).filter(({ subject }) => subject === 'traced');
      expect(found).toMatchObject([
        {
          event: 'token.created',
          actor: { name: 'ADMIN_TOKEN' },
          accountId: null,
          details: { id, role: 'admin' },
        },
        { event: 'token.revoked', actor: { name: 'traced' }, accountId: null, details: { id } },
      ]);
    });

    it('holds no PIN and no token', async () => {
      const pin = '907364';
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      await ringkey.api('POST', `/users/${id}/pin/reset`, { pin: `${pin}x` });
      const revealed = await ringkey.api('POST', `/users/${id}/pin/reset`, { reveal: true });
      const { token } = (await ringkey.api('POST', '/tokens', { name: 'canary', role: 'admin' })).body;
      await ringkey.api('GET', `/users/${id}/pin`, undefined, { authorization: `Bearer ${token}` });
      const { text } = await ringkey.api('GET', '/audit?limit=1000');
      expect(text).toContain('canary');
      for (const secret of [String(token).slice(-43), ringkey.secrets.adminToken]) {
        expect(text).not.toContain(secret);
      }
      // A hash may hold any six digits somewhere inside.
      for (const digits of [pin, revealed.body.pin])
        expect(text).not.toMatch(new RegExp(`(?<![\\w-])${digits}`));
      expect(ringkey.logged.join()).not.toContain(String(token).slice(-43));
    });

    it('is found by account, actor, event and time', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension });
      const { token } = (await ringkey.api('POST', '/tokens', { name: 'finder', role: 'helpdesk' })).body;
      ringkey.clock.advance(1000);
      const from = new Date(ringkey.clock.now()).toISOString();
      await ringkey.api('GET', `/users/${id}/pin`, undefined, { authorization: `Bearer ${token}` });
      ringkey.clock.advance(1000);
      const afterwards = new Date(ringkey.clock.now()).toISOString();
      await ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
      const names = async (query: Body) => (await records(query)).map(({ event }) => event);

      expect(await names({ account: extension })).toEqual(['user.created', 'pin.status-read', 'pin.locked']);
      expect(await names({ account: id, actor: 'finder' })).toEqual(['pin.status-read']);
      expect(await names({ account: id, event: 'pin.locked' })).toEqual(['pin.locked']);
      expect(await names({ actor: 'finder' })).toEqual(['pin.status-read']);
      expect(await names({ from })).toEqual(['pin.status-read', 'pin.locked']);
      expect(await names({ from, to: from })).toEqual(['pin.status-read']);
      expect(await names({ from: afterwards })).toEqual(['pin.locked']);
      expect(await names({ account: 'nobody' })).toEqual([]);
      for (const wrong of ['event=none', 'from=yesterday', 'limit=0', 'cursor=x', 'who=1']) {
        expect((await ringkey.api('GET', `/audit?${wrong}`)).body).toMatchObject({ code: 'invalid_request' });
      }
    });

    it('comes by pages, and as a whole as lines of JSON, in the order of time', async () => {
      const all = await records({ limit: 1000 });
      expect(all.length).toBeGreaterThan(10);
      const times = all.map(({ at }) => String(at));
      expect(times).toEqual([...times].sort());
      const paged: unknown[] = [];
      let cursor: unknown = null;
      do {
        const next: string = cursor === null ? '' : `&cursor=${cursor}`;
        const { body } = await ringkey.api('GET', `/audit?limit=7${next}`);
        paged.push(body.records);
        cursor = body.cursor;
      } while (cursor !== null);
      expect(paged.flat()).toEqual(all);
      const headers = { accept: 'application/x-ndjson' };
      const exported = await ringkey.api('GET', '/audit', undefined, headers);
      expect(exported.headers.get('content-type')).toContain('application/x-ndjson');
      expect(exported.body.lines).toEqual(all);
    });
  });

  describe(`the chain of the audit trail on ${engine}`, () => {
    it('keeps records for as long as it is set to, and stays intact as they go', async () => {
      const service = await startTestService({ env: { ...(await env()), AUDIT_DAYS: '10' } });
      try {
        const id = await service.addUser({ extension: '1' });
        service.clock.advance(9 * 86_400_000);
        await service.api('GET', `/users/${id}/pin`);
        const count = async () => {
          const { body } = await service.api('GET', '/audit/verification');
          expect(body).toMatchObject({ intact: true, problem: null });
          return body.records;
        };
        expect(await count()).toBe(2);
        service.clock.advance(86_400_000);
        expect(await count()).toBe(1);
        service.clock.advance(9 * 86_400_000);
        expect(await count()).toBe(0);
        await service.api('GET', `/users/${id}/pin`);
        expect(await count()).toBe(1);
      } finally {
        await service.stop();
      }
    });

    it('leaves nothing in the indexes of records that are long gone, whoever they were of', async () => {
      const dataDir = makeTemporaryFolder();
      const service = await startTestService({ env: { ...(await env()), AUDIT_DAYS: '10' }, dataDir });
      const id = await service.addUser({ extension: '1' });
      const partition = partitionOf(id);
      for (let day = 0; day < 30; day += 1) {
        service.clock.advance(86_400_000);
        await service.api('GET', `/users/${id}/pin`);
        await service.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
        expect((await service.api('GET', '/audit/verification')).body).toMatchObject({ intact: true });
      }
      expect((await service.api('GET', `/audit?account=${id}&limit=1000`)).body.records).toHaveLength(20);
      await service.stop();
      const store = await openStore(dataDir);
      const members = await store.range({ partition, name: 'audit' }, { limit: 100 });
      expect(members).toHaveLength(20);
      expect(await store.range({ partition, name: `audit-of:${id}` }, { limit: 100 })).toEqual(members);
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    it('stays intact when records are to be kept for longer, and for shorter, than those before', async () => {
      const dataDir = makeTemporaryFolder();
      const settings = await env();
      const clock = fakeClock();
      let id = '';
      for (const AUDIT_DAYS of ['0', '10', '20', '5', '0']) {
        const service = await startTestService({ env: { ...settings, AUDIT_DAYS }, dataDir, clock });
        if (id === '') id = await service.addUser({ extension: '1' });
        for (let day = 0; day < 12; day += 1) {
          clock.advance(86_400_000);
          await service.api('GET', `/users/${id}/pin`);
          expect((await service.api('GET', '/audit/verification')).body).toMatchObject({
            intact: true,
            problem: null,
          });
        }
        await service.stop();
      }
      rmSync(dataDir, { recursive: true, force: true });
    });

    const altered = (record: StoredRecord): StoredRecord => ({ ...record, subject: 'somebody else' });
    it.each<[string, number | null, ((record: StoredRecord) => StoredRecord) | null, RegExp]>([
      ['altered', 2, altered, /\/2 was altered$/],
      ['removed from the middle', 2, null, /\/2 is missing$/],
      ['removed from the beginning', 1, null, /\/1 is missing$/],
      ['removed from the end', 4, null, /\/4 is missing$/],
      ['altered together with nothing', null, null, /^$/],
    ])('a record that was %s shows', async (_what, sequence, change, problem) => {
      const dataDir = makeTemporaryFolder();
      const settings = await env();
      const start = () => startTestService({ env: settings, dataDir });
      const before = await start();
      const id = await before.addUser({ extension: '1' }, '596183');
      await before.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
      await before.api('GET', `/users/${id}/pin`);
      expect((await before.api('GET', '/audit/verification')).body).toMatchObject({
        intact: true,
        records: 4,
      });
      await before.stop();

      if (sequence !== null) {
        const store = await openStore(dataDir);
        await tamper(store, partitionOf(id), sequence, change);
        await store.close();
      }
      const after = await start();
      const { body } = await after.api('GET', '/audit/verification');
      expect([body.intact, body.problem ?? '']).toEqual([sequence === null, expect.stringMatching(problem)]);
      await after.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });

    it('shows when all that an account left is removed', async () => {
      const dataDir = makeTemporaryFolder();
      const settings = await env();
      const before = await startTestService({ env: settings, dataDir });
      const id = await before.addUser({ extension: '1' });
      await before.stop();
      const store = await openStore(dataDir);
      await tamper(store, partitionOf(id), 1, null);
      await store.close();
      const after = await startTestService({ env: settings, dataDir });
      expect((await after.api('GET', '/audit/verification')).body).toMatchObject({
        intact: false,
        records: 0,
      });
      await after.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
  });
}

/** Changes a stored record behind the service's back; or removes it, from the index too. */
async function tamper(
  store: Store,
  partition: string,
  sequence: number,
  change: ((record: StoredRecord) => StoredRecord) | null,
): Promise<void> {
  const key = { partition, name: `audit:${sequence}` };
  const found = await store.get(key);
  if (found === null) throw new Error(`There is no record ${sequence}.`);
  const { version } = found;
  if (change !== null) {
    const { record } = found.value as { readonly record: StoredRecord };
    const value: Json = { schemaVersion: 1, record: change(record) };
    await store.commit([{ type: 'put', key, expected: version, value }]);
    return;
  }
  const index = { partition, name: 'audit' };
  const members = await store.range(index, { limit: 100 });
  const member = members.find((text) => Number(text.split('|')[2]) === sequence) ?? '';
  await store.commit([
    { type: 'delete', key, expected: version },
    { type: 'remove-member', index, member },
  ]);
}
