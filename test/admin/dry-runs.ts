/**
 * Dry runs: what `?dryRun=true` answers is what the change itself answers, and nothing is changed by it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, type Body, startTestService, type TestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

interface Change {
  readonly method: string;
  readonly path: string;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

const sales = 'OU=Sales,DC=example';

/** On an engine whose settings are given. */
export function describeDryRuns(engine: string, settings: Settings): void {
  describe(`dry runs on ${engine}`, () => {
    let ringkey: TestService;
    beforeAll(async () => {
      ringkey = await startTestService({ env: await settings() });
    });
    afterAll(() => ringkey.stop());

    const make = ({ method, path, body, headers }: Change) => ringkey.api(method, path, body, headers);
    const attempt = (change: Change) => make({ ...change, path: `${change.path}?dryRun=true` });
    let last = 4000;
    const nextExtension = () => String(++last);
    const addUser = async (user: Body = {}, pin?: string) => {
      const extension = nextExtension();
      return { id: await ringkey.addUser({ extension, ...user }, pin), extension };
    };
    const tokenFor = async (grant: Body) => {
      const { body } = await ringkey.api('POST', '/tokens', { name: `for-${nextExtension()}`, ...grant });
      return { id: String(body.id), headers: { authorization: `Bearer ${body.token}` } };
    };

    const trail = async () => {
      const { body } = await ringkey.api('GET', '/audit?limit=1000');
      return body.records as readonly Body[];
    };
    /** Everything that can be seen, but that it was looked at. */
    const everything = async () => {
      const records = await trail();
      const [users, policies, tokens] = await Promise.all(
        ['/users?limit=1000', '/policies', '/tokens'].map((path) => ringkey.api('GET', path)),
      );
      const hashes = await ringkey.figure('ringkey_hash_seconds_count');
      const changes = records.filter(({ event }) => event !== 'pin.status-read').map(({ event }) => event);
      return { users: users?.body, policies: policies?.body, tokens: tokens?.body, changes, hashes };
    };

    /** Tries a change, holds that nothing came of it, then makes it. */
    async function tryThenMake(
      change: Change,
    ): Promise<{ readonly tried: ApiAnswer; readonly made: ApiAnswer }> {
      const before = await everything();
      const tried = await attempt(change);
      expect(await everything()).toEqual(before);
      return { tried, made: await make(change) };
    }

    it('of a new user: the user as it would be, without an id', async () => {
      const extension = nextExtension();
      const body = { extension, email: `${extension}@example.com`, phoneNumbers: ['+1 415 555 0100'] };
      const { tried, made } = await tryThenMake({ method: 'POST', path: '/users', body });
      expect([tried.status, made.status]).toEqual([200, 201]);
      expect(tried.headers.get('location')).toBeNull();
      expect(tried.body).toEqual({ ...made.body, id: null, createdAt: null, dryRun: true });
    });

    it('of a change of a user: the user as it would be', async () => {
      const { id } = await addUser({ displayName: 'Ada' });
      const body = { displayName: null, alias: 'ada', extension: nextExtension() };
      const { tried, made } = await tryThenMake({ method: 'PATCH', path: `/users/${id}`, body });
      expect([tried.status, made.status]).toEqual([200, 200]);
      expect(tried.headers.get('etag')).toBeNull();
      expect(tried.body).toEqual({ ...made.body, dryRun: true });
    });

    it('of the removal of a user: the user who would be removed', async () => {
      const { id } = await addUser();
      const user = (await ringkey.api('GET', `/users/${id}`)).body;
      const { tried, made } = await tryThenMake({ method: 'DELETE', path: `/users/${id}` });
      expect([tried.status, made.status]).toEqual([200, 204]);
      expect(tried.body).toEqual({ ...user, dryRun: true });
    });

    it.each<[string, Body]>([
      ['a given PIN', { pin: '740296' }],
      ['a given PIN that need not be changed', { pin: '740296', pinExpired: false }],
      ['a given PIN, and a lock', { pin: '740296', lockedOut: true }],
      ['a generated PIN', { reveal: true }],
    ])('of a reset to %s: the status as it would be, and no PIN', async (_what, body) => {
      const { id } = await addUser({}, '596183');
      await ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
      ringkey.clock.advance(60_000);
      const change = { method: 'POST', path: `/users/${id}/pin/reset`, body };
      const { tried, made } = await tryThenMake(change);
      const { pin, ...status } = made.body;
      expect(tried.body).toEqual({ ...status, dryRun: true });
    });

    it.each<Body>([{ lockedOut: true }, { lockedOut: false }, { pinExpired: true, lockedOut: true }])(
      'of a change of the status by %j: the status as it would be',
      async (body) => {
        const { id } = await addUser({}, '596183');
        if (body.lockedOut === false) await ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
        const change = { method: 'PATCH', path: `/users/${id}/pin`, body };
        const { tried, made } = await tryThenMake(change);
        expect(tried.body).toEqual({ ...made.body, dryRun: true });
      },
    );

    it('of a change of a PIN: recorded as a look at its status', async () => {
      const { id } = await addUser({}, '596183');
      await attempt({ method: 'POST', path: `/users/${id}/pin/reset`, body: { pin: '740296' } });
      await attempt({ method: 'PATCH', path: `/users/${id}/pin`, body: { lockedOut: true } });
      const { body } = await ringkey.api('GET', `/audit?account=${id}`);
      const events = (body.records as readonly Body[]).map(({ event }) => event);
      expect(events.slice(2)).toEqual(['pin.status-read', 'pin.status-read']);
    });

    it('of a policy: the policy as it would be, and of its removal: what it is', async () => {
      const path = `/policies/tried-${nextExtension()}`;
      const put = await tryThenMake({ method: 'PUT', path, body: { minLength: 9 } });
      expect(put.tried.headers.get('etag')).toBeNull();
      const affected = { users: 0, mustChange: 0, locked: 0 };
      expect(put.tried.body).toEqual({ ...put.made.body, dryRun: true, affected });
      const { tried, made } = await tryThenMake({ method: 'DELETE', path });
      expect([tried.status, made.status]).toEqual([200, 204]);
      expect(tried.body).toEqual({ ...put.made.body, dryRun: true });
    });

    it('of a token: what it would be, without id and secret, and of its revocation: what it is', async () => {
      const body = { name: `tried-${nextExtension()}`, role: 'helpdesk', scope: sales, expiresInDays: 1 };
      const { tried, made } = await tryThenMake({ method: 'POST', path: '/tokens', body });
      const { token, ...facts } = made.body;
      expect([tried.status, made.status]).toEqual([200, 201]);
      expect(tried.body).toEqual({ ...facts, id: null, createdAt: null, dryRun: true });
      const revocation = await tryThenMake({ method: 'DELETE', path: `/tokens/${facts.id}` });
      expect([revocation.tried.status, revocation.made.status]).toEqual([200, 204]);
      expect(revocation.tried.body).toEqual({ ...facts, dryRun: true });
    });

    it('leaves an Idempotency-Key unused, and says when it was used', async () => {
      const { id } = await addUser();
      const headers = { 'idempotency-key': `key-${id}` };
      const change = { method: 'POST', path: `/users/${id}/pin/reset`, body: { reveal: true }, headers };
      const { made } = await tryThenMake(change);
      expect(made.body.pin).toMatch(/^\d{6}$/);
      expect((await attempt(change)).body).toMatchObject({ repeated: true, dryRun: true });
    });

    it('is refused as the change itself is, in the same words', async () => {
      const other = await addUser({ email: 'taken@example.com', dn: `CN=Other,${sales}`, policy: 'lync' });
      const { id } = await addUser({}, '596183');
      const { id: withoutPin } = await addUser();
      const desk = await tokenFor({ role: 'helpdesk', scope: sales });
      const viewer = await tokenFor({ role: 'viewer' });
      const named = (await ringkey.api('GET', '/tokens')).body.tokens as readonly Body[];
      const stale = { 'if-match': '"99"' };
      const user = `/users/${id}`;
      const refused: [string, Change][] = [
        ['identity_taken', { method: 'POST', path: '/users', body: { extension: other.extension } }],
        ['unknown_policy', { method: 'POST', path: '/users', body: { extension: '1', policy: 'nope' } }],
        ['invalid_request', { method: 'POST', path: '/users', body: { extension: 'x' } }],
        ['not_permitted', { method: 'POST', path: '/users', body: { extension: '1' }, ...viewer }],
        ['identity_taken', { method: 'PATCH', path: user, body: { email: 'TAKEN@example.com' } }],
        ['unknown_policy', { method: 'PATCH', path: user, body: { policy: 'nope' } }],
        ['precondition_failed', { method: 'PATCH', path: user, body: { alias: 'a' }, headers: stale }],
        ['not_found', { method: 'PATCH', path: '/users/nobody', body: { alias: 'a' } }],
        ['precondition_failed', { method: 'DELETE', path: user, headers: stale }],
        ['not_found', { method: 'DELETE', path: '/users/nobody' }],
        ['pin_refused', { method: 'POST', path: `${user}/pin/reset`, body: { pin: '123456' } }],
        ['pin_not_deliverable', { method: 'POST', path: `${user}/pin/reset`, body: {} }],
        ['not_found', { method: 'POST', path: `${user}/pin/reset`, body: { pin: '740296' }, ...desk }],
        ['not_permitted', { method: 'POST', path: `${user}/pin/reset`, body: { reveal: true }, ...desk }],
        ['pin_not_set', { method: 'PATCH', path: `/users/${withoutPin}/pin`, body: { pinExpired: true } }],
        ['not_permitted', { method: 'PATCH', path: `${user}/pin`, body: { lockedOut: true }, ...viewer }],
        ['policy_refused', { method: 'PUT', path: '/policies/new', body: { minLength: 3 } }],
        ['precondition_failed', { method: 'PUT', path: '/policies/lync', body: {}, headers: stale }],
        ['policy_in_use', { method: 'DELETE', path: '/policies/lync' }],
        ['not_found', { method: 'DELETE', path: '/policies/nope' }],
        [
          'token_name_taken',
          { method: 'POST', path: '/tokens', body: { name: named[0]?.name, role: 'viewer' } },
        ],
        [
          'token_name_taken',
          { method: 'POST', path: '/tokens', body: { name: 'admin_token', role: 'viewer' } },
        ],
        ['not_found', { method: 'DELETE', path: '/tokens/0123456789abcdef' }],
      ];
      for (const [code, change] of refused) {
        const before = await everything();
        const tried = await attempt(change);
        expect(await everything()).toEqual(before);
        const made = await make(change);
        expect([change.method, change.path, tried.body.code]).toEqual([change.method, change.path, code]);
        expect(tried.body).toEqual(made.body);
      }
    });

    it('is not taken for one, nor for none, when it is spelled wrongly', async () => {
      const { id } = await addUser({}, '596183');
      for (const query of ['dryRun=yes', 'dryRun=', 'dryRun', 'dryRun=true&dryRun=false', 'dryrun=true']) {
        const refused = await ringkey.api('DELETE', `/users/${id}?${query}`);
        expect([query, refused.body.code]).toEqual([query, 'invalid_request']);
      }
      expect((await ringkey.api('DELETE', `/users/${id}?dryRun=false`)).status).toBe(204);
    });
  });
}
