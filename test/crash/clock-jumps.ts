/**
 * A clock that jumps, on an engine whose settings are given. Going forward it ends early what would have ended by then. Going back it opens
 * nothing early, and nobody is kept out for as long as it was wrong.
 */
import { describe, expect, it, vi } from 'vitest';
import { type TestService, withTestService } from '../support/service.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const year = 365 * day;

const pin = '596183';
let lastCaller = 4000;

export function describeClockJumps(
  engine: string,
  settings: () => Promise<Readonly<Record<string, string>>>,
): void {
  async function withService(
    use: (ringkey: TestService) => Promise<void>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const env = { ...(await settings()), CALLER_FAILURES_PER_HOUR: '5', ...more };
    const policy = { maxLogonAttempts: 3, lockoutMinutes: 30 };
    await withTestService({ env, policy }, use);
  }

  /** What a caller hears who keys these PINs. */
  async function heard(
    ringkey: TestService,
    extension: string,
    pins: readonly string[],
    from?: string,
  ): Promise<string> {
    lastCaller += 1;
    const call = await ringkey.dial({ from: from ?? `+1555124${lastCaller}` });
    await call.press(`${extension}#${pins.map((one) => `${one}#`).join('')}`);
    const text = call.heard();
    if (call.ended === null) await call.hangUp();
    return text;
  }

  const wrong = ['111111', '111111', '111111'];

  describe(`a clock that jumps, on ${engine}`, () => {
    it.each([
      ['a user', true],
      ['nobody', false],
    ])(
      'back a year: a timed lock of an extension that belongs to %s holds its time, and no year',
      (_, isSomebodys) =>
        withService(async (ringkey) => {
          if (isSomebodys) await ringkey.addUser({ extension: '4711' }, pin);
          await heard(ringkey, '4711', wrong);
          ringkey.clock.advance(-year);
          expect(await heard(ringkey, '4711', [pin])).toMatch(/call again in 30 minutes/);
          ringkey.clock.advance(30 * minute - 1);
          expect(await heard(ringkey, '4711', [pin])).toMatch(/call again in one minute/);
          ringkey.clock.advance(1);
          expect(await heard(ringkey, '4711', [pin])).toMatch(
            isSomebodys ? /You are signed in/ : /do not match/,
          );
        }),
    );

    it('back a year: a caller without tries left has new ones after an hour, and not before', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '4711' }, pin);
        const from = '+15551249999';
        await heard(ringkey, '4712', wrong, from);
        await heard(ringkey, '4713', wrong.slice(1), from);
        ringkey.clock.advance(-year);
        expect(await heard(ringkey, '4711', [pin], from)).toMatch(/too many/);
        ringkey.clock.advance(60 * minute - 1);
        expect(await heard(ringkey, '4711', [pin], from)).toMatch(/too many/);
        ringkey.clock.advance(1);
        expect(await heard(ringkey, '4711', [pin], from)).toMatch(/You are signed in/);
      }));

    it('back a year: a mail that waits is sent', async () => {
      const server = await startSmtpServer();
      server.trouble.greeting = { reply: 421 };
      const mail = { SMTP_URL: server.url, MAIL_FROM: 'pin@example.com' };
      await withService(async (ringkey) => {
        await ringkey.api('POST', '/users', { extension: '4711', email: 'ada@example.com' });
        await ringkey.api('POST', '/users/4711/pin/reset', {});
        const failed = () => ringkey.figure('ringkey_mails_total{outcome="failed"}');
        await vi.waitFor(async () => expect(await failed()).toBe(1), { timeout: 10_000 });
        server.trouble = {};
        ringkey.clock.advance(-year);
        await ringkey.service.runMailRound();
        expect(server.mails).toHaveLength(1);
      }, mail);
    });

    it('back a year: the sessions of the pages end', () =>
      withService(async (ringkey) => {
        const began = await fetch(`${ringkey.service.url}/admin/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token: ringkey.secrets.adminToken }),
        });
        const cookie = began.headers.get('set-cookie')?.split(';')[0] ?? '';
        const { session } = (await began.json()) as { session: { csrfToken: string } };
        const headers = { cookie, 'x-csrf-token': session.csrfToken };
        const look = async () => (await fetch(`${ringkey.service.url}/api/v1/users`, { headers })).status;
        expect(await look()).toBe(200);
        ringkey.clock.advance(-year);
        expect(await look()).toBe(401);
      }));

    it('back an hour: no count, no lock of an administrator and no change that is due is lost', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '4711' }, pin);
        await ringkey.addUser({ extension: '4712' }, pin, { pinExpired: true });
        await ringkey.addUser({ extension: '4713' }, pin, { lockedOut: true });
        await heard(ringkey, '4711', wrong.slice(1));
        ringkey.clock.advance(-60 * minute);
        expect(await heard(ringkey, '4711', wrong.slice(2))).toMatch(/locked/);
        expect(await heard(ringkey, '4712', [pin])).toMatch(/Enter a new PIN/);
        expect(await heard(ringkey, '4713', [pin])).toMatch(/locked/);
      }));

    it.each([
      ['forward a day', day, /cannot go on/],
      ['back an hour', -60 * minute, /You are signed in/],
      ['back a year', -year, /You are signed in/],
    ])('%s: a call goes on, or hears that it cannot, and the next one is as ever', (_, jump, expected) =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '4711' }, pin);
        const call = await ringkey.dial();
        await call.press('4711#');
        ringkey.clock.advance(jump);
        await call.press(`${pin}#`);
        expect(call.heard()).toMatch(expected);
        expect(await heard(ringkey, '4711', [pin])).toMatch(/You are signed in/);
        const trail = await ringkey.api('GET', '/audit/verification');
        expect(trail.body).toMatchObject({ problem: null });
      }),
    );
  });
}
