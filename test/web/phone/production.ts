/**
 * Whom the telephone in the browser is for in production, and what each call leaves in the audit trail. Run on each engine.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestService, type TestService } from '../../support/service.ts';
import { openPhone, post } from './page.ts';

const signedIn = z.object({
  session: z.looseObject({ csrfToken: z.string(), operations: z.array(z.string()) }),
});

const secrets = {
  PIN_PEPPER: Buffer.alloc(32, 5).toString('base64'),
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
  ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
};

export function describePhoneInProduction(
  engine: string,
  env: () => Promise<Readonly<Record<string, string>>>,
): void {
  describe(`/phone in production on ${engine}`, () => {
    let ringkey: TestService;
    beforeAll(async () => {
      const assertionKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
      ringkey = await startTestService({
        env: {
          ...secrets,
          NODE_ENV: 'production',
          HOST: '127.0.0.1',
          PUBLIC_URL: 'https://pin.example.com',
          ASSERTION_KEY: assertionKey.toString(),
          ...(await env()),
        },
      });
    });
    afterAll(() => ringkey.stop());

    async function signIn(token: string) {
      const answer = await fetch(`${ringkey.service.url}/admin/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      const { session } = signedIn.parse(await answer.json());
      const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
      return { headers: { cookie, 'x-csrf-token': session.csrfToken }, operations: session.operations };
    }

    let made = 0;
    async function signInAs(grant: Readonly<Record<string, unknown>>) {
      const { body } = await ringkey.api('POST', '/tokens', { name: `t${++made}`, ...grant });
      return { id: String(body.id), ...(await signIn(String(body.token))) };
    }

    const newCall = { from: null, locale: null, isPatient: true };

    async function statuses(headers: Readonly<Record<string, string>>) {
      const { url } = ringkey.service;
      const seen = await Promise.all([
        fetch(`${url}/phone`, { headers }),
        fetch(`${url}/phone/settings`, { headers }),
        post(url, '/calls', newCall, headers),
        post(url, '/actions', { call: 'x', do: 'hang-up' }, headers),
      ]);
      await Promise.all(seen.map((answer) => answer.body?.cancel()));
      return seen.map(({ status }) => status);
    }

    it('is not there without a session, and a bearer token makes no difference', async () => {
      expect(await statuses({})).toEqual([404, 404, 404, 404]);
      const authorization = `Bearer ${ringkey.secrets.adminToken}`;
      expect(await statuses({ authorization })).toEqual([404, 404, 404, 404]);
    });

    it.each([
      { role: 'viewer' },
      { role: 'helpdesk' },
      { role: 'auditor' },
      { role: 'admin', scope: 'OU=Sales,DC=example' },
    ])('is not there for %o', async (grant) => {
      const { headers, operations } = await signInAs(grant);
      expect(operations).not.toContain('phone.use');
      expect(await statuses(headers)).toEqual([404, 404, 404, 404]);
    });

    it('is there for an administrator, whose calls are recorded', async () => {
      const { headers, operations } = await signIn(ringkey.secrets.adminToken);
      expect(operations).toContain('phone.use');
      const page = await openPhone(ringkey.service.url, { headers });
      expect(await page.listens()).toMatch(/extension/);
      const { body } = await ringkey.api('GET', '/audit?event=phone.called');
      expect(body.records).toMatchObject([
        { event: 'phone.called', actor: { kind: 'token', name: 'ADMIN_TOKEN' }, subject: page.callSid },
      ]);
      await page.act({ do: 'hang-up' });
      expect((await ringkey.api('GET', '/audit/verification')).body).toMatchObject({ intact: true });
    });

    it('makes no call without the CSRF token, or with that of another session', async () => {
      const { headers } = await signIn(ringkey.secrets.adminToken);
      const other = await signIn(ringkey.secrets.adminToken);
      const { cookie } = headers;
      for (const forged of [{ cookie }, { cookie, 'x-csrf-token': other.headers['x-csrf-token'] }]) {
        const answer = await post(ringkey.service.url, '/calls', newCall, forged);
        expect(answer.status).toBe(403);
        expect(await answer.json()).toMatchObject({ code: 'csrf_token_missing' });
      }
      const foreign = await post(ringkey.service.url, '/calls', newCall, {
        ...headers,
        origin: 'https://evil.example',
      });
      expect(foreign.status).toBe(403);
    });

    it("keeps one session from another's call, even when it knows its name", async () => {
      const mine = await signInAs({ role: 'admin' });
      const other = await signIn(ringkey.secrets.adminToken);
      const page = await openPhone(ringkey.service.url, { headers: mine.headers });
      await page.listens();
      const press = { call: page.call, do: 'press', keys: '1#' };
      expect((await post(ringkey.service.url, '/actions', press, other.headers)).status).toBe(404);
      expect(page.told.filter(({ kind }) => kind === 'step')).toHaveLength(1);
      expect((await post(ringkey.service.url, '/actions', press, mine.headers)).status).toBe(204);
      await page.listens();
      page.leave();
    });

    it('is gone with the token', async () => {
      const { id, headers } = await signInAs({ role: 'admin' });
      const page = await openPhone(ringkey.service.url, { headers });
      await page.listens();
      await ringkey.api('DELETE', `/tokens/${id}`);
      expect(await page.act({ do: 'press', keys: '1#' })).toBe(404);
      expect(await statuses(headers)).toEqual([404, 404, 404, 404]);
      page.leave();
    });
  });
}
