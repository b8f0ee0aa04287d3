/**
 * A flood of requests that would be dear if they were believed: without a signature, without a token, without a session. Run on each
 * engine.
 */
import { expect, it } from 'vitest';
import { heldBytes } from '../fuzz/heap.ts';
import { createWire } from '../fuzz/wire.ts';
import { type TestService, withTestService } from '../support/service.ts';
import { callAtPin, hashesOf } from './callers.ts';

/** What may be held more than before. */
const slackBytes = 5 * 1024 * 1024;

/** What is read and written of documents; how many hashes were made. */
async function work(ringkey: TestService): Promise<{ readonly documents: number; readonly hashes: number }> {
  const operations = ['get', 'commit'].map((name) =>
    ringkey.figure(`ringkey_store_seconds_count{operation="${name}",outcome="ok"}`),
  );
  const counts = await Promise.all(operations);
  return { documents: counts.reduce((sum, count) => sum + count, 0), hashes: await hashesOf(ringkey) };
}

export function describeFlood(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  it(`a flood of webhooks without a signature costs no hash and no document, and callers still get in, on ${engine}`, async () => {
    await withTestService(
      { env: { ...(await env()), APP_URL: 'https://app.example.com/calls' } },
      async (ringkey) => {
        const [extension, pin] = ['4711', '596183'];
        await ringkey.addUser({ extension }, pin);
        const wire = createWire(ringkey.service.url);
        const victim = await callAtPin(ringkey, extension, '+15551280001');
        // The dearest that they can be: as large as is taken, to a step that is open, with digits to hash, and a signature to compare.
        const form = `CallSid=${victim.callSid}&From=%2B15551280001&Digits=470295&Pad=${'x'.repeat(60_000)}`;
        const forged = {
          method: 'POST',
          path: new URL(victim.action).pathname,
          headers: [
            ['Content-Type', 'application/x-www-form-urlencoded'],
            ['X-Twilio-Signature', 'A'.repeat(28)],
          ],
          body: Buffer.from(form),
        } as const;
        const flood = async (count: number) => {
          const statuses = new Set<number | undefined>();
          const one = async () => {
            for (let n = 0; n < count / 16; n += 1) statuses.add((await wire.send(forged))?.status);
          };
          await Promise.all(Array.from({ length: 16 }, one));
          return [...statuses];
        };
        try {
          await flood(64);
          // Reading the figures asks the store too, whether the service is ready.
          const atFirst = await work(ringkey);
          const [before, heldBefore] = [await work(ringkey), await heldBytes()];
          const ofLooking = before.documents - atFirst.documents;
          ringkey.forgetLog();
          expect(await flood(320)).toEqual([403]);
          expect(await work(ringkey)).toEqual({ ...before, documents: before.documents + ofLooking });
          // Each is told of in a line of the log, which this test keeps.
          const logged = ringkey.logged.join('').length;
          expect(logged / 320).toBeLessThan(600);
          expect((await heldBytes()) - heldBefore - 2 * logged).toBeLessThan(slackBytes);

          // Meanwhile somebody calls, and the step that was aimed at is as it was.
          const more = flood(320);
          const other = await callAtPin(ringkey, extension, '+15551280002');
          expect((await other.key(pin)).body).toContain('assertion=');
          await more;
          expect((await victim.key(pin)).body).toContain('assertion=');
        } finally {
          wire.close();
        }
      },
    );
  });

  it(`guesses at tokens are one count for each address, and are answered alike, on ${engine}`, async () => {
    await withTestService({ env: await env() }, async (ringkey) => {
      const made = await ringkey.api('POST', '/tokens', { name: 'desk', role: 'viewer' });
      const [token, id] = [String(made.body.token), String(made.body.id)];
      const { adminToken } = ringkey.secrets;
      const flip = (text: string) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');
      const guesses = [
        'x',
        'x'.repeat(1000),
        flip(adminToken),
        adminToken.slice(0, -1),
        `${adminToken}x`,
        adminToken.toUpperCase(),
        flip(token),
        `rk_${id}_${'A'.repeat(43)}`,
        `rk_${'0'.repeat(16)}_${token.slice(-43)}`,
        `rk_${id}_`,
        '__proto__',
        'null',
      ];
      const ask = async (guess: string) => {
        const answer = await fetch(`${ringkey.service.url}/api/v1/policies`, {
          headers: { authorization: `Bearer ${guess}` },
        });
        return { status: answer.status, body: await answer.text() };
      };
      const signIn = async (guess: string) => {
        const answer = await fetch(`${ringkey.service.url}/admin/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token: guess }),
        });
        return answer.status;
      };
      const answers = [];
      for (const guess of guesses) {
        ringkey.clock.advance(60_000);
        answers.push(await ask(guess));
      }
      // One and the same answer, whatever was nearly right.
      expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(401);

      ringkey.clock.advance(60_000);
      const statuses = [];
      for (let n = 0; n < 30; n += 1) {
        statuses.push(
          n % 2 === 0 ? (await ask(guesses[n % guesses.length] ?? '')).status : await signIn('wrong'),
        );
      }
      expect(statuses).toEqual([...Array(10).fill(401), ...Array(20).fill(429)]);
      const alerts = ringkey.logged.filter(
        (line) => line.includes('wrong-admin-tokens') || line.includes('wrong tokens'),
      );
      expect(alerts.length).toBeGreaterThan(0);
      // Who has the right one isn't locked out by who hasn't.
      expect((await ask(token)).status).toBe(200);
      // A second's worth of guesses in parallel gets no further.
      ringkey.clock.advance(60_000);
      const atOnce = await Promise.all(Array.from({ length: 60 }, () => ask('x')));
      expect(atOnce.filter(({ status }) => status === 401)).toHaveLength(10);
    });
  });

  it(`guesses at sessions and their CSRF tokens do nothing, and are answered alike, on ${engine}`, async () => {
    await withTestService({ env: await env() }, async (ringkey) => {
      const signedIn = await fetch(`${ringkey.service.url}/admin/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: ringkey.secrets.adminToken }),
      });
      const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
      const [name = '', id = ''] = cookie.split('=');
      const { session } = (await signedIn.json()) as { readonly session: { readonly csrfToken: string } };
      const create = async (headers: Readonly<Record<string, string>>) => {
        const answer = await fetch(`${ringkey.service.url}/api/v1/users`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"extension":"4711"}',
        });
        return `${answer.status} ${await answer.text()}`;
      };
      const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
      const ids = [flip(id), id.slice(1), 'A'.repeat(43), '__proto__', '', id.toLowerCase(), `${id}A`];
      const byId = await Promise.all(
        ids.map((guess) => create({ cookie: `${name}=${guess}`, 'x-csrf-token': session.csrfToken })),
      );
      expect([...new Set(byId)]).toEqual([expect.stringMatching(/^401 .*session_ended/)]);
      const tokens = [
        '',
        'x',
        flip(session.csrfToken),
        session.csrfToken.slice(1),
        id,
        `${session.csrfToken}A`,
      ];
      const byToken = await Promise.all(tokens.map((guess) => create({ cookie, 'x-csrf-token': guess })));
      expect([...new Set(byToken)]).toEqual([expect.stringMatching(/^403 .*csrf_token_missing/)]);
      const elsewhere = { cookie, 'x-csrf-token': session.csrfToken, origin: 'https://evil.example' };
      expect(await create(elsewhere)).toMatch(/^403 .*foreign_origin/);
      expect((await ringkey.api('GET', '/users/4711')).status).toBe(404);
      expect(await create({ cookie, 'x-csrf-token': session.csrfToken })).toMatch(/^201/);
    });
  });
}
