/**
 * Tokens and their scopes, over HTTP. Run on each engine.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Body, startTestService, type TestService } from '../support/service.ts';

const sales = 'OU=Sales,DC=example';
const dayMs = 86_400_000;

export function describeTokens(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  describe(`tokens on ${engine}`, () => {
    let ringkey: TestService;
    beforeAll(async () => {
      ringkey = await startTestService({ env: await env() });
    });
    afterAll(() => ringkey.stop());

    let made = 0;
    const make = (grant: Body, bearer?: string) =>
      ringkey.api('POST', '/tokens', { name: `token-${++made}`, ...grant }, bearing(bearer));
    const tokenFor = async (grant: Body) => String((await make(grant)).body.token);
    const get = (path: string, bearer: string) => ringkey.api('GET', path, undefined, bearing(bearer));
    let last = 8000;
    const nextExtension = () => String(++last);
    const addTo = (unit: string) => {
      const extension = nextExtension();
      const dn = `CN=${extension},${unit}`;
      return ringkey.addUser({ extension, dn }, '596183').then((id) => ({ id, extension, dn }));
    };

    it('shows a token once, lets it in, and names it in the trail', async () => {
      const answer = await make({ name: 'desk', role: 'helpdesk' });
      expect([answer.status, answer.body]).toEqual([
        201,
        {
          id: expect.stringMatching(/^[0-9a-f]{16}$/),
          name: 'desk',
          role: 'helpdesk',
          scope: null,
          mayIgnoreScope: false,
          createdAt: new Date(ringkey.clock.now()).toISOString(),
          expiresAt: null,
          token: expect.stringMatching(/^rk_[0-9a-f]{16}_[\w-]{43}$/),
        },
      ]);
      const { token, ...facts } = answer.body;
      const { extension } = await addTo(sales);
      expect((await get(`/users/${extension}`, String(token))).status).toBe(200);
      expect(
        (await ringkey.api('POST', '/users', { extension: '1' }, bearing(String(token)))).body.code,
      ).toBe('not_permitted');
      const list = await ringkey.api('GET', '/tokens');
      expect(list.body.tokens).toContainEqual(facts);
      expect(list.text).not.toContain(String(token).slice(-43));
    });

    it('lists tokens by pages', async () => {
      await make({ role: 'viewer' });
      await make({ role: 'viewer' });
      const all = (await ringkey.api('GET', '/tokens')).body;
      expect(all.cursor).toBe(null);
      const ids: unknown[] = [];
      let cursor: unknown = null;
      do {
        const page = (
          await ringkey.api('GET', `/tokens?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`)
        ).body;
        ids.push(page.tokens);
        cursor = page.cursor;
      } while (cursor !== null);
      expect(ids.flat()).toEqual(all.tokens);
    });

    it('refuses a revoked token at once, and frees its name', async () => {
      const { id, token, name } = (await make({ role: 'viewer' })).body;
      expect((await get('/users/nobody', String(token))).status).toBe(404);
      expect((await ringkey.api('DELETE', `/tokens/${id}`)).status).toBe(204);
      expect((await get('/users/nobody', String(token))).status).toBe(401);
      expect((await ringkey.api('DELETE', `/tokens/${id}`)).status).toBe(404);
      expect((await ringkey.api('GET', '/tokens')).text).not.toContain(String(id));
      expect((await make({ name, role: 'viewer' })).status).toBe(201);
    });

    it('refuses a token from the moment it expires', async () => {
      const token = await tokenFor({ role: 'viewer', expiresInDays: 1 });
      const expiresAt = new Date(ringkey.clock.now() + 2 * dayMs).toISOString();
      const later = await tokenFor({ role: 'viewer', expiresAt });
      ringkey.clock.advance(dayMs - 1);
      expect((await get('/users/nobody', token)).status).toBe(404);
      ringkey.clock.advance(1);
      expect((await get('/users/nobody', token)).status).toBe(401);
      expect((await get('/users/nobody', later)).status).toBe(404);
      ringkey.clock.advance(dayMs);
      expect((await get('/users/nobody', later)).status).toBe(401);
    });

    it('answers for every kind of wrong token in the same words', async () => {
      const { id, token } = (await make({ role: 'viewer' })).body;
      const right = String(token);
      const wrongSecret = `${right.slice(0, -43)}${'A'.repeat(43)}`;
      const unknown = right.replace(String(id), '0'.repeat(16));
      const revoked = await make({ role: 'viewer' });
      await ringkey.api('DELETE', `/tokens/${revoked.body.id}`);
      const answers = [];
      for (const wrong of [wrongSecret, unknown, `${right}x`, String(revoked.body.token)]) {
        const { status, text } = await get('/users/nobody', wrong);
        answers.push(`${status} ${text}`);
      }
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toMatch(/^401 .*not_authenticated/);
      ringkey.clock.advance(60_000);
    });

    it('slows the guessing of secrets down, alerts once, and lets valid tokens pass all the while', async () => {
      ringkey.clock.advance(60_000);
      const { token } = (await make({ role: 'viewer' })).body;
      const wrong = `${String(token).slice(0, -43)}${'B'.repeat(43)}`;
      const alerts = () => ringkey.logged.filter((line) => line.includes('wrong-admin-tokens')).length;
      const before = alerts();
      const statuses = [];
      for (let tries = 0; tries < 12; tries += 1) statuses.push((await get('/users/nobody', wrong)).status);
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
      expect(alerts()).toBe(before + 1);
      expect((await get('/users/nobody', String(token))).status).toBe(404);
      ringkey.clock.advance(60_000);
      expect((await get('/users/nobody', wrong)).status).toBe(401);
      ringkey.clock.advance(60_000);
    });

    it('gives no name twice, and not that of the first token', async () => {
      await make({ name: 'Twice', role: 'viewer' });
      for (const name of ['Twice', 'tWICE', 'admin_token']) {
        expect((await make({ name, role: 'viewer' })).body).toMatchObject({ code: 'token_name_taken' });
      }
      const race = ['a', 'b', 'c'].map(() => make({ name: 'race', role: 'viewer' }));
      expect((await Promise.all(race)).map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    });

    it.each([
      ['no name', { name: '', role: 'viewer' }],
      ['a name with a space', { name: 'a b', role: 'viewer' }],
      ['no role', {}],
      ['an unknown role', { role: 'root' }],
      ['a scope that is no DN', { role: 'viewer', scope: 'Sales' }],
      ['leave to ignore no scope', { role: 'viewer', mayIgnoreScope: true }],
      ['two ends', { role: 'viewer', expiresInDays: 1, expiresAt: '2030-01-01T00:00:00Z' }],
      ['an end that has passed', { role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' }],
      ['an unknown field', { role: 'viewer', secret: 'x' }],
    ])('refuses to make a token with %s', async (_what, grant) => {
      expect((await make(grant)).body).toMatchObject({ status: 400, code: 'invalid_request' });
    });

    it('lets no token make one that outlives it', async () => {
      const bearer = await tokenFor({ role: 'admin', expiresInDays: 10 });
      expect((await make({ role: 'admin', expiresInDays: 10 }, bearer)).status).toBe(201);
      expect((await make({ role: 'viewer', expiresInDays: 11 }, bearer)).body.code).toBe('not_permitted');
      expect((await make({ role: 'viewer' }, bearer)).body.code).toBe('not_permitted');
    });

    describe('a token of one unit', () => {
      it('sees the unit and what is below it', async () => {
        const token = await tokenFor({ role: 'helpdesk', scope: sales });
        for (const unit of [sales, `OU=North,${sales}`]) {
          const { extension } = await addTo(unit);
          expect((await get(`/users/${extension}/pin`, token)).status).toBe(200);
        }
      });

      it('has for every account elsewhere the answer it has for nobody, and the trail says nothing', async () => {
        const token = await tokenFor({ name: 'scoped', role: 'helpdesk', scope: sales });
        const elsewhere = await addTo('OU=Support,DC=example');
        const homeless = nextExtension();
        await ringkey.addUser({ extension: homeless });
        const bearer = bearing(token);
        const ask = async (identity: string) => {
          const user = `/users/${encodeURIComponent(identity)}`;
          return [
            await ringkey.api('GET', user, undefined, bearer),
            await ringkey.api('GET', `${user}/pin`, undefined, bearer),
            await ringkey.api('PATCH', `${user}/pin`, { lockedOut: true }, bearer),
            await ringkey.api('POST', `${user}/pin/reset`, { pin: '740296' }, bearer),
          ].map(({ status, text }) => [status, text]);
        };
        const nobody = await ask('nobody');
        expect(nobody.map(([status]) => status)).toEqual([404, 404, 404, 404]);
        for (const identity of [elsewhere.id, elsewhere.extension, elsewhere.dn, homeless]) {
          expect(await ask(identity)).toEqual(nobody);
        }
        expect((await ringkey.api('GET', `/users/${elsewhere.id}/pin`)).body.lockedOut).toBe(false);
      });

      it('costs as many look-ups for an account elsewhere as for nobody', async () => {
        const token = await tokenFor({ role: 'viewer', scope: sales });
        const { extension, dn } = await addTo('OU=Support,DC=example');
        const reads = () => ringkey.figure('ringkey_store_seconds_count{operation="get",outcome="ok"}');
        const costOf = async (identity: string) => {
          const before = await reads();
          expect((await get(`/users/${encodeURIComponent(identity)}/pin`, token)).status).toBe(404);
          return (await reads()) - before;
        };
        const cost = await costOf('nobody');
        expect(cost).toBeGreaterThan(0);
        expect([await costOf(extension), await costOf(dn)]).toEqual([cost, cost]);
      });

      it('finds the one of two that it sees, and is told of no other', async () => {
        const phoneNumbers = ['+14155550199'];
        const extension = nextExtension();
        const id = await ringkey.addUser({ extension, phoneNumbers, dn: `CN=${extension},${sales}` });
        await ringkey.addUser({ extension: nextExtension(), phoneNumbers });
        const path = `/users/${encodeURIComponent('+14155550199')}`;
        expect((await ringkey.api('GET', path)).status).toBe(409);
        expect((await get(path, await tokenFor({ role: 'viewer', scope: sales }))).body.id).toBe(id);
      });

      it('steps out of it only where the token may, and only for a DN', async () => {
        const { dn, extension } = await addTo('OU=Support,DC=example');
        const path = (identity: string) => `/users/${encodeURIComponent(identity)}?ignoreScope=true`;
        const without = await tokenFor({ role: 'viewer', scope: sales });
        const allowed = await tokenFor({ role: 'viewer', scope: sales, mayIgnoreScope: true });
        expect((await get(path(dn), without)).body.code).toBe('not_permitted');
        expect((await get(path(extension), allowed)).body.code).toBe('invalid_request');
        expect((await get(path(dn).replace('true', 'false'), allowed)).body.code).toBe('invalid_request');
        expect((await get(`/users/${encodeURIComponent(dn)}`, allowed)).status).toBe(404);
        expect((await get(path(dn), allowed)).body.extension).toBe(extension);
        expect((await ringkey.api('GET', path(dn))).body.extension).toBe(extension);
      });

      it('makes users within it alone, and touches nothing that is the whole server’s', async () => {
        const token = await tokenFor({ role: 'admin', scope: sales });
        const add = (user: Body) =>
          ringkey.api('POST', '/users', { extension: nextExtension(), ...user }, bearing(token));
        expect((await add({ dn: `CN=New,${sales}` })).status).toBe(201);
        expect((await add({ dn: 'CN=New,OU=Support,DC=example' })).body.code).toBe('not_permitted');
        expect((await add({})).body.code).toBe('not_permitted');
        expect((await make({ role: 'admin' }, token)).body.code).toBe('not_permitted');
        expect((await get('/tokens', token)).body.code).toBe('not_permitted');
      });
    });
  });
}

/** Absent: the first token, which the test service sends by itself. */
function bearing(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
