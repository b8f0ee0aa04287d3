import { describe, expect, it } from 'vitest';
import { type TestService, withTestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

const path = (identity: string) => `/users/${encodeURIComponent(identity)}`;
const sales = 'OU=Sales,DC=example,DC=com';
const minuteMs = 60_000;

/** Finding, changing and removing users, on an engine whose settings are given. */
export function describeUsers(engine: string, settings: Settings): void {
  async function withService(use: (ringkey: TestService) => Promise<void>) {
    await withTestService({ env: await settings() }, use);
  }

  /** The extensions that a list answers with, over all its pages. */
  async function listed(ringkey: TestService, query: Readonly<Record<string, string>>) {
    const extensions: string[] = [];
    let cursor: string | null = null;
    do {
      const search = new URLSearchParams(cursor === null ? query : { ...query, cursor });
      const { status, body } = await ringkey.api('GET', `/users?${search}`);
      expect(status).toBe(200);
      const users = Array.isArray(body.users) ? body.users : [];
      extensions.push(...users.map(({ extension }) => String(extension)));
      cursor = typeof body.cursor === 'string' ? body.cursor : null;
    } while (cursor !== null);
    return extensions.sort();
  }

  describe(`GET /users on ${engine}`, () => {
    it('shows each user once, in pages, with the status of the PIN', () =>
      withService(async (ringkey) => {
        const extensions = Array.from({ length: 23 }, (_, n) => String(2000 + n));
        for (const extension of extensions) await ringkey.addUser({ extension });
        expect(await listed(ringkey, { limit: '5' })).toEqual(extensions);
        expect(await listed(ringkey, {})).toEqual(extensions);
        const { body } = await ringkey.api('GET', '/users?limit=1');
        expect(body.users).toEqual([
          expect.objectContaining({ pin: expect.objectContaining({ pinSet: false, lockedOut: false }) }),
        ]);
      }));

    it('filters by what is known of the PIN and of the user', () =>
      withService(async (ringkey) => {
        const dn = (name: string, unit: string) => `CN=${name},${unit}`;
        const { addUser, api } = ringkey;
        await addUser({ extension: '2001', displayName: 'Ada Lovelace', dn: dn('Ada', sales) }, '596183');
        await addUser(
          {
            extension: '2002',
            displayName: 'Adam (Smith) *',
            dn: dn('Smith\\, Adam', `OU=North, ${sales.toLowerCase()}`),
          },
          '596183',
          { pinExpired: true },
        );
        await addUser({
          extension: '2003',
          email: 'grace@example.com',
          policy: 'lync',
          dn: dn('Grace', 'OU=Presales,DC=example,DC=com'),
        });
        await api('PATCH', '/users/2001/pin', { lockedOut: true });

        const cases: [Record<string, string>, string[]][] = [
          [{ pinSet: 'false' }, ['2003']],
          [{ pinSet: 'true' }, ['2001', '2002']],
          [{ pinExpired: 'true' }, ['2002']],
          [{ lockedOut: 'true' }, ['2001']],
          [{ lockedOut: 'false', pinSet: 'true' }, ['2002']],
          [{ lockedOut: 'true', pinSet: 'false' }, []],
          [{ firstTimeUser: 'true' }, ['2001', '2002', '2003']],
          [{ firstTimeUser: 'false' }, []],
          [{ ou: sales }, ['2001', '2002']],
          [{ ou: 'ou=north,ou=sales,dc=example,dc=com' }, ['2002']],
          [{ displayName: 'ada*' }, ['2001', '2002']],
          [{ displayName: '*love*ace' }, ['2001']],
          [{ displayName: 'ada' }, []],
          [{ displayName: '.*' }, []],
          [{ displayName: 'adam (smith)*' }, ['2002']],
          [{ policy: 'lync' }, ['2003']],
          [{ policy: 'default' }, ['2001', '2002']],
          [{ q: 'GRACE@' }, ['2003']],
          [{ q: '200' }, ['2001', '2002', '2003']],
        ];
        for (const [query, extensions] of cases) {
          expect([query, await listed(ringkey, query)]).toEqual([query, extensions]);
        }
      }));

    it('leaves out a lock that has opened by itself, and shows one that began by itself', () =>
      withService(async (ringkey) => {
        const { policies } = ringkey.service;
        const rule = { kind: 'rule', name: 'test', from: null } as const;
        const policy = { ...(await policies.get(null)), maxLogonAttempts: 1, lockoutMinutes: 60 };
        await policies.put('default', { policy, units: [] }, rule);
        await ringkey.addUser({ extension: '2001' }, '596183');
        await (await ringkey.dial()).press('2001#740296#');
        expect(await listed(ringkey, { lockedOut: 'true' })).toEqual(['2001']);
        ringkey.clock.advance(61 * minuteMs);
        expect(await listed(ringkey, { lockedOut: 'true' })).toEqual([]);
        await policies.put('default', { policy: { ...policy, inactivityLockDays: 30 }, units: [] }, rule);
        ringkey.clock.advance(31 * 1440 * minuteMs);
        expect(await listed(ringkey, { lockedOut: 'true' })).toEqual(['2001']);
      }));

    it('refuses what is no filter, no page and no cursor', () =>
      withService(async (ringkey) => {
        for (const query of [
          'shoeSize=46',
          'limit=0',
          'limit=1001',
          'lockedOut=yes',
          'ou=Sales',
          'cursor=x',
          'q=1&q=2',
        ]) {
          const refused = await ringkey.api('GET', `/users?${query}`);
          expect([query, refused.status, refused.body.code]).toEqual([query, 400, 'invalid_request']);
        }
      }));
  });

  describe(`identities on ${engine}`, () => {
    it('finds a user by each kind of identity, however it is spelled', () =>
      withService(async (ringkey) => {
        const id = await ringkey.addUser({
          extension: '2001',
          displayName: 'Ada Lovelace',
          email: 'ada@example.com',
          upn: 'ada@corp.example',
          alias: 'ada.l',
          sipAddress: 'sip:ada@sip.example.com',
          account: 'CORP\\ada',
          dn: `CN=Ada,${sales}`,
          legacyExchangeDn: '/o=Org/ou=Unit/cn=Recipients/cn=ada',
          phoneNumbers: ['+14155550171'],
        });
        const identities = [
          id,
          '2001',
          'ADA LOVELACE',
          'SMTP:Ada@example.com',
          'ADA@corp.example',
          'Ada.L',
          'sip:ada@sip.example.com',
          'ada@sip.example.com',
          'corp\\ADA',
          `cn=ada,${sales.toLowerCase()}`,
          'CN = Ada , OU=Sales, DC=example, DC=com',
          'CN=\\41da,OU=Sales,DC=example,DC=com',
          '/O=ORG/OU=UNIT/CN=RECIPIENTS/CN=ADA',
          '+1 (415) 555-0171',
        ];
        for (const identity of identities) {
          expect([identity, (await ringkey.api('GET', path(identity))).body.id]).toEqual([identity, id]);
        }
        expect((await ringkey.api('GET', path('ada*'))).status).toBe(404);
      }));

    it('takes a directory name for the same, however its commas are spaced', () =>
      withService(async (ringkey) => {
        const dn = 'CN=Ada, OU=Sales, DC=example, DC=com';
        const id = await ringkey.addUser({ extension: '2001', dn });
        for (const spelled of [dn, 'cn=ada,ou=sales,dc=example,dc=com']) {
          expect((await ringkey.api('GET', path(spelled))).body.id).toBe(id);
          const second = await ringkey.api('POST', '/users', { extension: '2002', dn: spelled });
          expect(second.body).toMatchObject({ status: 409, field: 'dn' });
          expect(await listed(ringkey, { q: spelled })).toEqual(['2001']);
        }
        expect(await listed(ringkey, { q: 'ada, ou=sal' })).toEqual(['2001']);
        expect(await listed(ringkey, { q: 'ada,ou=sal' })).toEqual(['2001']);
      }));

    it('names the candidates when two users have one name', () =>
      withService(async (ringkey) => {
        for (const extension of ['2001', '2002'])
          await ringkey.addUser({ extension, displayName: 'John Smith' });
        const { status, body } = await ringkey.api('GET', path('john smith'));
        expect([status, body.code]).toEqual([409, 'identity_ambiguous']);
        expect(body.candidates).toHaveLength(2);
      }));
  });

  describe(`PATCH /users/{identity} on ${engine}`, () => {
    it('changes what is named, takes away what is null, and leaves the rest and the PIN', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001', email: 'a@example.com', displayName: 'Ada' }, '596183');
        const changed = await ringkey.api('PATCH', '/users/2001', {
          extension: '2002',
          email: null,
          upn: 'ada@example.com',
        });
        expect(changed.body).toMatchObject({ extension: '2002', email: null, displayName: 'Ada' });
        for (const gone of ['2001', 'a@example.com']) {
          expect([gone, (await ringkey.api('GET', path(gone))).status]).toEqual([gone, 404]);
        }
        expect((await ringkey.api('GET', path('ada@example.com'))).body.extension).toBe('2002');
        const call = await ringkey.dial();
        await call.press('2002#596183#');
        expect(call.heard()).toMatch(/signed in/);
        await ringkey.addUser({ extension: '2001', email: 'a@example.com' });
      }));

    it('changes nothing when another user has one of the new identities', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001', email: 'taken@example.com' });
        const id = await ringkey.addUser({ extension: '2002', alias: 'old' });
        const before = (await ringkey.api('GET', path(id))).body;
        const change = { alias: 'new', extension: '2003', email: 'TAKEN@example.com' };
        const refused = await ringkey.api('PATCH', path(id), change);
        expect(refused.body).toMatchObject({ status: 409, code: 'identity_taken', field: 'email' });
        expect((await ringkey.api('GET', path(id))).body).toEqual(before);
        await ringkey.addUser({ extension: '2003', alias: 'new' });
      }));

    it('lets one of many change to an identity that all want at once, and the others keep theirs', () =>
      withService(async (ringkey) => {
        const ids = [];
        for (let n = 0; n < 8; n += 1) ids.push(await ringkey.addUser({ extension: String(2000 + n) }));
        const answers = await Promise.all(
          ids.map((id) => ringkey.api('PATCH', path(id), { extension: '3000' })),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
        const extensions = await listed(ringkey, {});
        expect(extensions.filter((extension) => extension === '3000')).toHaveLength(1);
        for (const extension of extensions) {
          expect((await ringkey.api('GET', path(extension))).body.extension).toBe(extension);
        }
      }));

    it('keeps the last of many changes of one user findable, and nothing else', () =>
      withService(async (ringkey) => {
        const id = await ringkey.addUser({ extension: '2000' });
        const wanted = Array.from({ length: 8 }, (_, n) => String(3000 + (n % 3)));
        await Promise.all(wanted.map((extension) => ringkey.api('PATCH', path(id), { extension })));
        const { extension } = (await ringkey.api('GET', path(id))).body;
        expect((await ringkey.api('GET', path(String(extension)))).body.id).toBe(id);
        for (const free of ['2000', '3000', '3001', '3002'].filter((other) => other !== extension)) {
          await ringkey.addUser({ extension: free });
        }
      }));

    it('refuses an unknown policy, an unknown field, and to change nothing', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001' });
        const patch = async (change: unknown) =>
          (await ringkey.api('PATCH', '/users/2001', change)).body.code;
        expect(await patch({ policy: 'nope' })).toBe('unknown_policy');
        expect(await patch({ shoeSize: 46 })).toBe('invalid_request');
        expect(await patch({})).toBe('invalid_request');
        expect(await patch({ extension: null })).toBe('invalid_request');
      }));

    it('with If-Match changes and removes only what was seen', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001' });
        const seen = String((await ringkey.api('GET', '/users/2001')).headers.get('etag'));
        const changed = await ringkey.api('PATCH', '/users/2001', { alias: 'a' }, { 'if-match': seen });
        expect(changed.status).toBe(200);
        for (const stale of [seen, 'W/"1"', '"nonsense"']) {
          const headers = { 'if-match': stale };
          const late = await ringkey.api('PATCH', '/users/2001', { alias: 'b' }, headers);
          expect(late.body).toMatchObject({ status: 412, code: 'precondition_failed' });
          expect((await ringkey.api('DELETE', '/users/2001', undefined, headers)).status).toBe(412);
        }
        expect((await ringkey.api('GET', '/users/2001')).body.alias).toBe('a');
        const headers = { 'if-match': String(changed.headers.get('etag')) };
        expect((await ringkey.api('DELETE', '/users/2001', undefined, headers)).status).toBe(204);
      }));
  });

  describe(`changes at once with one If-Match on ${engine}`, () => {
    it('are made by one, and refused to all others', () =>
      withService(async (ringkey) => {
        const id = await ringkey.addUser({ extension: '2001' });
        let etag = String((await ringkey.api('GET', path(id))).headers.get('etag'));
        for (let round = 0; round < 5; round += 1) {
          const change = (n: number) =>
            ringkey.api('PATCH', path(id), { alias: `alias-${round}-${n}` }, { 'if-match': etag });
          const answers = await Promise.all([change(0), change(1), change(2)]);
          expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
          const made = answers.find(({ status }) => status === 200);
          expect((await ringkey.api('GET', path(id))).body.alias).toBe(made?.body.alias);
          etag = String(made?.headers.get('etag'));
          for (let n = 0; n < 3; n += 1) {
            const alias = `alias-${round}-${n}`;
            expect((await ringkey.api('GET', path(alias))).status).toBe(
              alias === made?.body.alias ? 200 : 404,
            );
          }
        }
      }));

    it('either change or remove, never both', () =>
      withService(async (ringkey) => {
        for (let round = 0; round < 5; round += 1) {
          const id = await ringkey.addUser({ extension: '2001' });
          const etag = String((await ringkey.api('GET', path(id))).headers.get('etag'));
          const headers = { 'if-match': etag };
          const [changed, removed] = await Promise.all([
            ringkey.api('PATCH', path(id), { extension: '2002' }, headers),
            ringkey.api('DELETE', path(id), undefined, headers),
          ]);
          expect([
            [200, 412],
            [404, 204],
          ]).toContainEqual([changed.status, removed.status]);
          if (changed.status === 200) await ringkey.api('DELETE', path(id));
          for (const free of ['2001', '2002']) {
            expect((await ringkey.api('GET', path(free))).status).toBe(404);
          }
        }
      }));
  });

  describe(`DELETE /users/{identity} on ${engine}`, () => {
    it('removes the user and frees all its identities at once', () =>
      withService(async (ringkey) => {
        const user = { extension: '2001', email: 'a@example.com', phoneNumbers: ['+14155550171'] };
        const first = await ringkey.addUser(user, '596183');
        await ringkey.api('PATCH', '/users/2001/pin', { lockedOut: true });
        const removed = await ringkey.api('DELETE', path('a@example.com'));
        expect([removed.status, removed.text]).toEqual([204, '']);
        expect((await ringkey.api('DELETE', '/users/2001')).status).toBe(404);
        expect(await listed(ringkey, {})).toEqual([]);
        expect(await listed(ringkey, { lockedOut: 'true' })).toEqual([]);
        const call = await ringkey.dial();
        await call.press('2001#596183#');
        expect(call.heard()).not.toMatch(/signed in/);
        expect(await ringkey.addUser(user)).not.toBe(first);
      }));
  });
}
