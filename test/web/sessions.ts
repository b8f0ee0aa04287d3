/**
 * Sessions of the pages: how they begin, what they are good for, and what ends them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestService, type TestService } from '../support/service.ts';

const signedIn = z.object({ session: z.looseObject({ csrfToken: z.string() }) });

/** What a browser would keep and send. */
interface Visitor {
  readonly cookie: string;
  readonly csrf: string;
}

export function describeSessions(settings: () => Promise<Readonly<Record<string, string>>>): void {
  let ringkey: TestService;
  beforeAll(async () => {
    ringkey = await startTestService({ env: await settings() });
  });
  afterAll(() => ringkey.stop());

  const adminToken = () => ringkey.secrets.adminToken;

  function session(method: string, headers: Readonly<Record<string, string>> = {}, body?: string) {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(`${ringkey.service.url}/admin/session`, {
      method,
      headers: { ...type, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  async function signIn(token: string, headers: Readonly<Record<string, string>> = {}): Promise<Visitor> {
    const answer = await session('POST', headers, JSON.stringify({ token }));
    expect(answer.status).toBe(201);
    const body = signedIn.parse(await answer.json());
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    return { cookie, csrf: body.session.csrfToken };
  }

  async function tokenFor(grant: object) {
    const { body } = await ringkey.api('POST', '/tokens', { name: `t${++made}`, ...grant });
    return { id: String(body.id), token: String(body.token) };
  }
  let made = 0;

  async function users({ cookie, csrf }: Visitor, headers: Readonly<Record<string, string>> = {}) {
    const answer = await fetch(`${ringkey.service.url}/api/v1/users`, {
      headers: { cookie, 'x-csrf-token': csrf, ...headers },
    });
    const { code } = z.object({ code: z.string().optional() }).parse(await answer.json());
    return answer.ok ? 'done' : `${answer.status} ${code}`;
  }

  describe('signing in', () => {
    it('needs a valid token, and throttles wrong ones together with those of the API', async () => {
      ringkey.clock.advance(60_000);
      const wrong = async () => (await session('POST', {}, '{"token":"wrong"}')).status;
      expect([await wrong(), await wrong()]).toEqual([401, 401]);
      for (let tries = 0; tries < 8; tries += 1) {
        await ringkey.api('GET', '/users', undefined, { authorization: 'Bearer wrong' });
      }
      expect(await wrong()).toBe(429);
      expect(ringkey.logged.some((line) => line.includes('wrong-admin-tokens'))).toBe(true);
      ringkey.clock.advance(60_000);
    });

    it('answers with a cookie for the server alone, and says what the role may', async () => {
      const { token } = await tokenFor({ role: 'helpdesk' });
      const answer = await session('POST', {}, JSON.stringify({ token }));
      expect(answer.headers.get('set-cookie')).toMatch(
        /^ringkey-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
      );
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const body = signedIn.parse(await answer.json());
      expect(body.session).toMatchObject({ role: 'helpdesk', scope: null, idleMinutes: 30 });
      expect(body.session.operations).toContain('pins.reset');
      expect(body.session.operations).not.toContain('pins.reveal');
    });

    it('refuses what is no JSON, has other fields, or comes from another site', async () => {
      const body = JSON.stringify({ token: adminToken() });
      const tried = [
        await session('POST', { 'content-type': 'text/plain' }, body),
        await session('POST', {}, JSON.stringify({ token: adminToken(), more: 1 })),
        await session('POST', {}, '{'),
        await session('POST', { 'sec-fetch-site': 'cross-site' }, body),
        await session('POST', { origin: 'https://evil.example' }, body),
        await session('POST', { origin: 'null' }, body),
        await session('PUT', {}, body),
      ];
      expect(tried.map(({ status }) => status)).toEqual([415, 400, 400, 403, 403, 403, 405]);
      expect(tried.map(({ headers }) => headers.get('set-cookie'))).toEqual(tried.map(() => null));
    });

    it('leaves no token, session id or CSRF token in the log or in the trail', async () => {
      const visitor = await signIn(adminToken());
      await users(visitor);
      const id = visitor.cookie.split('=')[1] ?? '';
      const trail = await ringkey.api('GET', '/audit?limit=1000&event=session.started');
      const told = [...ringkey.logged, trail.text].join('\n');
      expect(trail.text).toContain('session.started');
      for (const secret of [id, visitor.csrf, adminToken()]) expect(told).not.toContain(secret);
    });
  });

  describe('a session', () => {
    it('does what its token may, and is recorded under its name', async () => {
      const { token } = await tokenFor({ role: 'auditor' });
      expect(await users(await signIn(token))).toBe('403 not_permitted');
      const visitor = await signIn(adminToken());
      expect(await users(visitor)).toBe('done');
      const { body } = await ringkey.api('GET', '/audit?limit=1000&event=pin.status-read');
      expect(JSON.stringify(body)).toContain('"name":"ADMIN_TOKEN"');
    });

    it.each(['GET', 'POST', 'PATCH', 'DELETE', 'PUT'])(
      'changes nothing by %s without its CSRF token, and says so kindly',
      async (method) => {
        const { cookie, csrf } = await signIn(adminToken());
        for (const sent of [undefined, '', 'wrong', csrf.slice(1)]) {
          const answer = await fetch(`${ringkey.service.url}/api/v1/users`, {
            method,
            headers: { cookie, ...(sent === undefined ? {} : { 'x-csrf-token': sent }) },
          });
          expect(answer.status).toBe(403);
          expect(await answer.json()).toMatchObject({
            code: 'csrf_token_missing',
            detail: 'Nothing was changed. Reload the page and try again.',
          });
        }
      },
    );

    it('is not served to another site, even with its CSRF token', async () => {
      const visitor = await signIn(adminToken());
      expect(await users(visitor, { 'sec-fetch-site': 'same-site' })).toBe('403 foreign_origin');
      expect(await users(visitor, { origin: 'https://evil.example' })).toBe('403 foreign_origin');
      expect(await users(visitor, { origin: ringkey.service.url, 'sec-fetch-site': 'same-origin' })).toBe(
        'done',
      );
    });

    it("does not take another session's CSRF token", async () => {
      const [mine, other] = [await signIn(adminToken()), await signIn(adminToken())];
      expect(await users({ cookie: mine.cookie, csrf: other.csrf })).toBe('403 csrf_token_missing');
    });

    it('gives way to a bearer token', async () => {
      const { cookie } = await signIn(adminToken());
      const answer = await ringkey.api('GET', '/users', undefined, { cookie, authorization: 'Bearer wrong' });
      expect(answer.status).toBe(401);
    });
  });

  describe('a session ends', () => {
    const over = '401 session_ended';

    it('by idling', async () => {
      const visitor = await signIn(adminToken());
      for (let times = 0; times < 3; times += 1) {
        ringkey.clock.advance(29 * 60_000);
        expect(await users(visitor)).toBe('done');
      }
      ringkey.clock.advance(30 * 60_000);
      expect(await users(visitor)).toBe(over);
      const answer = await session('GET', { cookie: visitor.cookie });
      expect(await answer.json()).toEqual({ session: null });
    });

    it('after twelve hours, however much it is used', async () => {
      const visitor = await signIn(adminToken());
      for (let minutes = 0; minutes < 700; minutes += 20) {
        ringkey.clock.advance(20 * 60_000);
        expect(await users(visitor)).toBe('done');
      }
      ringkey.clock.advance(20 * 60_000);
      expect(await users(visitor)).toBe(over);
    });

    it('by signing out, which needs the CSRF token', async () => {
      const visitor = await signIn(adminToken());
      const { cookie, csrf } = visitor;
      expect((await session('DELETE', { cookie })).status).toBe(403);
      expect(await users(visitor)).toBe('done');
      const answer = await session('DELETE', { cookie, 'x-csrf-token': csrf });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('set-cookie')).toMatch(
        /^ringkey-session=; Path=\/; Expires=Thu, 01 Jan 1970/,
      );
      expect(await users(visitor)).toBe(over);
    });

    it('with its token, revoked or expired', async () => {
      const [revoked, expiring] = [
        await tokenFor({ role: 'viewer' }),
        await tokenFor({ role: 'viewer', expiresAt: new Date(ringkey.clock.now() + 60_000).toISOString() }),
      ];
      const [one, other] = [await signIn(revoked.token), await signIn(expiring.token)];
      expect([await users(one), await users(other)]).toEqual(['done', 'done']);
      await ringkey.api('DELETE', `/tokens/${revoked.id}`);
      ringkey.clock.advance(60_000);
      expect([await users(one), await users(other)]).toEqual([over, over]);
    });

    it('by signing in again', async () => {
      const first = await signIn(adminToken());
      await signIn(adminToken(), { cookie: first.cookie });
      expect(await users(first)).toBe(over);
    });
  });
}
