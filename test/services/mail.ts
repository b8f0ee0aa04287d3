/**
 * Mail as its owners get it: a service on an engine whose settings are given, and a real mail server that accepts, refuses, hangs,
 * hangs up, or isn't there.
 */
import { describe, expect, it, vi } from 'vitest';
import { startTestService, type TestOptions, type TestService } from '../support/service.ts';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp-server.ts';
import { patience } from '../support/wait-until.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

/** Everything in the store, keys and values, as text. */
type ReadStore = (dataDir: string) => Promise<string>;

const ada = { extension: '4711', displayName: 'Ada Lovelace', email: 'ada@example.com' };
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The PIN that a mail tells: the only six digits in it. */
function pinIn(mail: { readonly parsed: { readonly text?: string | undefined } } | undefined): string {
  const [pin = 'no PIN', ...others] = mail?.parsed.text?.match(/(?<!\d)\d{6}(?!\d)/g) ?? [];
  expect(others).toEqual([]);
  return pin;
}

function subjectsOf(server: TestSmtpServer): (string | undefined)[] {
  return server.mails.map(({ parsed }) => parsed.subject);
}

export function describeMail(engine: string, settings: Settings, readStore: ReadStore): void {
  async function withMail(
    use: (ringkey: TestService, server: TestSmtpServer) => Promise<void>,
    options: TestOptions = {},
  ): Promise<void> {
    const server = await startSmtpServer();
    const mail = { SMTP_URL: server.url, MAIL_FROM: 'Ringkey <pin@example.com>' };
    const ringkey = await startTestService({
      ...options,
      env: { CALLER_FAILURES_PER_HOUR: '1000', ...(await settings()), ...mail, ...options.env },
    });
    try {
      await use(ringkey, server);
    } finally {
      await ringkey.stop();
    }
  }

  const received = (server: TestSmtpServer, count: number) =>
    vi.waitFor(() => expect(subjectsOf(server)).toHaveLength(count), { timeout: 10_000 });

  const status = async (ringkey: TestService, identity = '4711') =>
    (await ringkey.api('GET', `/users/${identity}/pin`)).body;

  /** Until nothing waits any more: the courier has noted what became of each mail. */
  const settled = (ringkey: TestService, identity = '4711') =>
    vi.waitFor(async () => expect(await status(ringkey, identity)).toMatchObject({ mailsWaiting: 0 }), {
      timeout: 10_000,
    });

  /** Until a try has failed and was put off. */
  const failedTries = (ringkey: TestService, count: number) =>
    vi.waitFor(
      async () => expect(await ringkey.figure('ringkey_mails_total{outcome="failed"}')).toBe(count),
      { timeout: 10_000 },
    );

  /** Moves the clock, and does what is due then as the service does every half minute. */
  async function later(ringkey: TestService, ms: number): Promise<void> {
    ringkey.clock.advance(ms);
    await ringkey.service.runMailRound();
  }

  async function tryPins(ringkey: TestService, pins: readonly string[]): Promise<string> {
    let heard = '';
    for (const pin of pins) {
      const call = await ringkey.dial({ from: '+15551260009' });
      await call.press(`4711#${pin}#`);
      heard = call.heard();
      if (call.ended === null) await call.hangUp();
    }
    return heard;
  }

  const wrongs = (count: number) => Array.from({ length: count }, () => '385061');

  describe(`mail on ${engine}`, () => {
    it('tells a first PIN, with which its owner signs in, and then that the PIN was changed', () =>
      withMail(async (ringkey, server) => {
        await ringkey.api('POST', '/users', ada);
        const reset = await ringkey.api('POST', '/users/4711/pin/reset', {});
        const tried = await ringkey.api('POST', '/users/4711/pin/reset?dryRun=true', {});
        expect(tried.body).toMatchObject({ dryRun: true, mailTo: 'ada@example.com' });
        expect(reset.status).toBe(200);
        expect(reset.body).toMatchObject({ mailTo: 'ada@example.com', mailsWaiting: 1, pinSet: true });
        expect(reset.body).not.toHaveProperty('pin');
        await received(server, 1);
        const [welcome] = server.mails;
        expect(welcome).toMatchObject({ from: 'pin@example.com', to: ['ada@example.com'] });
        expect(welcome?.parsed.subject).toBe('Your PIN for signing in by phone');

        const call = await ringkey.dial();
        await call.press(`4711#${pinIn(welcome)}#596183#596183#`);
        expect(call.heard()).toMatch(/has been changed/);
        await received(server, 2);
        expect(subjectsOf(server)[1]).toBe('Your phone PIN has been changed');
        expect(server.mails[1]?.source).not.toContain('596183');
        await settled(ringkey);
      }));

    it('tells a reset, in the language of the user, with the text of the policy', () =>
      withMail(async (ringkey, server) => {
        const mailText = 'Room 12 & the <b>help desk</b>\nare open from 8 to 5.';
        const policy = { mailText, temporaryPinHours: 24 };
        expect((await ringkey.api('PUT', '/policies/sales', policy)).body).toMatchObject({ mailText });
        await ringkey.api('POST', '/users', { ...ada, locale: 'de', policy: 'sales' });
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '596183' });
        await received(server, 1);
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '740296', pinExpired: false });
        await received(server, 2);
        const [welcome, reset] = server.mails;
        expect(pinIn(welcome)).toBe('596183');
        expect(pinIn(reset)).toBe('740296');
        expect(reset?.parsed.subject).toMatch(/PIN.*zurückgesetzt/);
        expect(reset?.parsed.text).toContain(mailText);
        expect(reset?.parsed.html).toContain('Room 12 &amp; the &lt;b&gt;help desk');
        expect(reset?.parsed.html).not.toContain('<b>help');
      }));

    it('sets no PIN that nobody would know', () =>
      withMail(async (ringkey, server) => {
        await ringkey.api('POST', '/users', ada);
        await ringkey.api('POST', '/users', { extension: '4712' });
        const refused = [
          await ringkey.api('POST', '/users/4712/pin/reset', {}),
          await ringkey.api('POST', '/users/4711/pin/reset', { sendEmail: false }),
        ];
        for (const { status, body } of refused) {
          expect([status, body.code]).toEqual([422, 'pin_not_deliverable']);
        }
        const contradiction = { sendEmail: false, notifyEmail: 'ada@example.com' };
        expect((await ringkey.api('POST', '/users/4711/pin/reset', contradiction)).status).toBe(400);
        expect(await status(ringkey, '4711')).toMatchObject({ pinSet: false });
        expect(await status(ringkey, '4712')).toMatchObject({ pinSet: false });

        const known = [
          await ringkey.api('POST', '/users/4712/pin/reset', { reveal: true }),
          await ringkey.api('POST', '/users/4712/pin/reset', { pin: '596183' }),
          await ringkey.api('POST', '/users/4711/pin/reset', { sendEmail: false, reveal: true }),
          await ringkey.api('POST', '/users/4711/pin/reset', { sendEmail: false, pin: '596183' }),
        ];
        for (const { status, body } of known) expect([status, body.mailTo]).toEqual([200, null]);
        await ringkey.service.runMailRound();
        expect(server.mails).toEqual([]);
      }));

    it('mails a PIN to another address only for whoever may see it, and tells the owner', () =>
      withMail(async (ringkey, server) => {
        await ringkey.api('POST', '/users', ada);
        const made = await ringkey.api('POST', '/tokens', { name: 'desk', role: 'helpdesk' });
        const desk = { authorization: `Bearer ${made.body.token}` };
        const other = { notifyEmail: 'mallory@example.org' };
        const refused = await ringkey.api('POST', '/users/4711/pin/reset', other, desk);
        expect([refused.status, refused.body.code]).toEqual([403, 'not_permitted']);
        expect(await status(ringkey)).toMatchObject({ pinSet: false });

        const own = await ringkey.api('POST', '/users/4711/pin/reset', { notifyEmail: ada.email }, desk);
        expect(own.body).toMatchObject({ mailTo: ada.email, mailsWaiting: 1 });
        await received(server, 1);
        const elsewhere = await ringkey.api('POST', '/users/4711/pin/reset', {
          notifyEmail: 'boss@example.org',
        });
        expect(elsewhere.body).toMatchObject({ mailTo: 'boss@example.org' });
        await received(server, 3);
        const [notice, told] = server.mails.slice(1).sort((a, b) => (String(a.to) < String(b.to) ? -1 : 1));
        expect(told?.to).toEqual(['boss@example.org']);
        expect(pinIn(told)).toMatch(/^\d{6}$/);
        expect(notice?.to).toEqual([ada.email]);
        expect(notice?.parsed.subject).toBe('Your phone PIN has been changed');
        const audit = await ringkey.api('GET', '/audit?account=4711&event=pin.reset');
        expect(audit.body.records).toMatchObject([
          { actor: { name: 'desk' }, details: { mailTo: ada.email } },
          { details: { mailTo: 'boss@example.org' } },
        ]);
      }));

    it('lets a help desk reset many by mail; those without an address fail, one by one', () =>
      withMail(async (ringkey, server) => {
        const made = await ringkey.api('POST', '/tokens', { name: 'desk', role: 'helpdesk' });
        for (const n of [1, 2, 3]) {
          const email = n === 2 ? null : `user${n}@example.com`;
          await ringkey.api('POST', '/users', { extension: `200${n}`, email });
        }
        const resetAll = (query: string) =>
          fetch(`${ringkey.service.url}/api/v1/pins/reset${query}`, {
            method: 'POST',
            headers: { authorization: `Bearer ${made.body.token}`, 'content-type': 'application/json' },
            body: JSON.stringify({ filter: { pinSet: false }, expectedCount: 3 }),
          });
        const tried = await (await resetAll('?dryRun=true')).text();
        expect(tried.match(/would-change|pin_not_deliverable/g)?.sort()).toEqual([
          'pin_not_deliverable',
          'would-change',
          'would-change',
        ]);
        const response = await resetAll('');
        const lines = (await response.text())
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        const accounts = lines.slice(0, -1).sort((a, b) => a.extension - b.extension);
        expect(accounts).toMatchObject([
          { extension: '2001', outcome: 'done' },
          { extension: '2002', outcome: 'failed', code: 'pin_not_deliverable' },
          { extension: '2003', outcome: 'done' },
        ]);
        expect(lines.at(-1)).toMatchObject({ summary: { done: 2, failed: 1 } });
        await received(server, 2);
        expect(server.mails.flatMap(({ to }) => to).sort()).toEqual([
          'user1@example.com',
          'user3@example.com',
        ]);
        expect(new Set(server.mails.map(pinIn)).size).toBe(2);
      }));

    it('holds nothing up while the mail server is down, loses nothing, and sends each mail once when it is back', () =>
      withMail(async (ringkey, server) => {
        await server.stop();
        const typed = ['596183', '740296', '385061', '914720'];
        for (const [n, pin] of typed.entries()) {
          await ringkey.api('POST', '/users', { extension: `200${n}`, email: `user${n}@example.com` });
          const reset = await ringkey.api('POST', `/users/200${n}/pin/reset`, { pin });
          expect([reset.status, reset.body.mailsWaiting]).toEqual([200, 1]);
        }
        await failedTries(ringkey, typed.length);
        await later(ringkey, 2 * minuteMs);
        await failedTries(ringkey, 2 * typed.length);
        const waiting = await readStore(ringkey.dataDir);
        for (const pin of typed) expect(waiting).not.toContain(pin);
        for (const n of typed.keys()) {
          expect(waiting).not.toContain(
            Buffer.from(`user${n}@example.com and more`).toString('base64').slice(0, 20),
          );
          expect(await status(ringkey, `200${n}`)).toMatchObject({ mailsWaiting: 1, mailGivenUpAt: null });
        }

        const back = await startSmtpServer({ port: server.port });
        await later(ringkey, 3 * minuteMs);
        await received(back, typed.length);
        for (const n of typed.keys()) await settled(ringkey, `200${n}`);
        for (let round = 0; round < 5; round += 1) await later(ringkey, hourMs);
        expect(back.mails.map((mail) => [mail.to[0], pinIn(mail)]).sort()).toEqual(
          typed.map((pin, n) => [`user${n}@example.com`, pin]),
        );
        expect(server.mails).toEqual([]);
        const logged = ringkey.logged.join('');
        expect(logged).toContain('mail-failed');
        for (const pin of typed) expect(logged).not.toContain(pin);
      }));

    it('answers a reset at once while the mail server hangs, and gets through when it does no more', () =>
      withMail(async (ringkey, server) => {
        server.trouble = { greeting: 'hang' };
        await ringkey.api('POST', '/users', ada);
        const reset = await ringkey.api('POST', '/users/4711/pin/reset', { pin: '596183' });
        expect(reset.status).toBe(200);
        const call = await ringkey.dial();
        await call.press('4711#596183#');
        expect(call.heard()).toMatch(/first sign-in/);
        await vi.waitFor(() => expect(server.troubled).toEqual(['greeting']), patience);
        server.trouble = {};
        // Whoever tries it has it alone for three minutes; the try that hangs is still under way.
        await later(ringkey, 4 * minuteMs);
        await received(server, 1);
        expect(pinIn(server.mails[0])).toBe('596183');
      }));

    it('gives up what the server refuses for good, says so, and forgets that with the next mail that is accepted', () =>
      withMail(async (ringkey, server) => {
        server.trouble = { recipient: { reply: 550, text: 'No such user 596183' } };
        await ringkey.api('POST', '/users', ada);
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '596183' });
        await settled(ringkey);
        const at = new Date(ringkey.clock.now()).toISOString();
        expect(await status(ringkey)).toMatchObject({ mailGivenUpAt: at });
        const audit = await ringkey.api('GET', '/audit?account=4711&event=mail.given-up');
        expect(audit.body.records).toMatchObject([{ details: { kind: 'welcome', tries: 1 } }]);
        expect(ringkey.logged.join('')).toContain('mail-given-up');

        server.trouble = {};
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '740296' });
        await received(server, 1);
        await settled(ringkey);
        expect(await status(ringkey)).toMatchObject({ mailGivenUpAt: null });
        const sent = await ringkey.api('GET', '/audit?account=4711&event=mail.sent');
        expect(sent.body.records).toMatchObject([{ details: { kind: 'pin-reset', tries: 1 } }]);
      }));

    it('tries again with growing pauses, and gives up after 72 hours', () =>
      withMail(async (ringkey, server) => {
        server.trouble = { message: { reply: 451 } };
        await ringkey.api('POST', '/users', ada);
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '596183' });
        await failedTries(ringkey, 1);
        let tries = 1;
        for (const pauseMinutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
          await later(ringkey, pauseMinutes * minuteMs - 1);
          await failedTries(ringkey, tries);
          await later(ringkey, 1);
          tries += 1;
          await failedTries(ringkey, tries);
        }
        for (const hours of [66, 1]) await later(ringkey, hours * hourMs);
        expect(await status(ringkey)).toMatchObject({ mailsWaiting: 1, mailGivenUpAt: null });
        await later(ringkey, hourMs);
        expect(await status(ringkey)).toMatchObject({ mailsWaiting: 0, mailGivenUpAt: expect.any(String) });
        const before = server.mails.length;
        await later(ringkey, dayMs);
        expect(server.mails).toHaveLength(before);
      }));

    it('sends a mail once more, with the same id, when the connection breaks after the server has it', () =>
      withMail(async (ringkey, server) => {
        server.trouble = { message: 'hang-up' };
        await ringkey.api('POST', '/users', ada);
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '596183' });
        await failedTries(ringkey, 1);
        server.trouble = {};
        await later(ringkey, 2 * minuteMs);
        await received(server, 2);
        await settled(ringkey);
        const [first, second] = server.mails.map(({ parsed }) => parsed.messageId);
        expect(first).toMatch(/^<[\w-]+@example\.com>$/);
        expect(second).toBe(first);
      }));

    it('sends no PIN that ran out meanwhile, and none of a user who was removed', () =>
      withMail(async (ringkey, server) => {
        server.trouble = { greeting: { reply: 421 } };
        await ringkey.api('PUT', '/policies/short', { temporaryPinHours: 2 });
        await ringkey.api('POST', '/users', { ...ada, policy: 'short' });
        await ringkey.api('POST', '/users', { extension: '4712', email: 'gone@example.com' });
        await ringkey.api('POST', '/users/4711/pin/reset', {});
        await ringkey.api('POST', '/users/4712/pin/reset', {});
        await failedTries(ringkey, 2);
        await ringkey.api('DELETE', '/users/4712');
        server.trouble = {};
        await later(ringkey, 2 * hourMs);
        expect(server.mails).toEqual([]);
        expect(await status(ringkey)).toMatchObject({ mailsWaiting: 0, mailGivenUpAt: expect.any(String) });
      }));

    it('tells the owner of a lock after failed tries, once a day', () =>
      withMail(
        async (ringkey, server) => {
          await ringkey.addUser(ada, '596183', { sendEmail: false });
          expect(await tryPins(ringkey, wrongs(3))).toMatch(/locked/);
          await ringkey.service.runMailRound();
          expect(server.mails).toEqual([]);
          await later(ringkey, 15_000);
          await received(server, 1);
          expect(subjectsOf(server)).toEqual(['Your phone sign-in is locked']);
          for (let again = 0; again < 2; again += 1) {
            await later(ringkey, 2 * hourMs);
            expect(await tryPins(ringkey, wrongs(3))).toMatch(/locked/);
          }
          await later(ringkey, minuteMs);
          expect(server.mails).toHaveLength(1);
          await later(ringkey, dayMs);
          expect(await tryPins(ringkey, wrongs(3))).toMatch(/locked/);
          await later(ringkey, minuteMs);
          await received(server, 2);
          await settled(ringkey);
        },
        { policy: { maxLogonAttempts: 3, lockoutMinutes: 60 } },
      ));

    it('takes the mail about a lock back when the try that caused it was right', () =>
      withMail(
        async (ringkey, server) => {
          await ringkey.addUser(ada, '596183', { sendEmail: false });
          expect(await tryPins(ringkey, [...wrongs(2), '596183'])).toMatch(/signed in/);
          expect(await status(ringkey)).toMatchObject({ lockedOut: false, mailsWaiting: 0 });
          await later(ringkey, hourMs);
          expect(server.mails).toEqual([]);
          expect(await tryPins(ringkey, wrongs(3))).toMatch(/locked/);
          await later(ringkey, minuteMs);
          await received(server, 1);
        },
        { policy: { maxLogonAttempts: 3 } },
      ));

    it('makes a new PIN at each multiple of logonFailuresBeforePinReset and mails it, without clearing the count', () =>
      withMail(async (ringkey, server) => {
        await ringkey.addUser(ada, '596183', { sendEmail: false });
        await ringkey.api('PUT', '/policies/default', {
          logonFailuresBeforePinReset: 2,
          maxLogonAttempts: 5,
          mailText: 'Ask Grace.',
        });
        await tryPins(ringkey, wrongs(2));
        await later(ringkey, 15_000);
        await received(server, 1);
        const [first] = server.mails;
        expect(first?.parsed.subject).toBe('Your phone PIN has been reset after failed tries');
        expect(first?.parsed.text).toContain('Ask Grace.');
        expect(await status(ringkey)).toMatchObject({
          failedAttempts: 2,
          pinExpired: true,
          lockedOut: false,
        });

        // The old PIN is no good any more: it is the third failure.
        expect(await tryPins(ringkey, ['596183'])).not.toMatch(/signed in/);
        await tryPins(ringkey, wrongs(1));
        await later(ringkey, 15_000);
        await received(server, 2);
        const pins = server.mails.map(pinIn);
        expect(pins[0]).not.toBe(pins[1]);
        expect(await tryPins(ringkey, [pins[1] ?? ''])).toMatch(/reset by|choose|new PIN/i);
        const audit = await ringkey.api('GET', '/audit?account=4711&event=pin.reset');
        expect(audit.body.records).toMatchObject([
          { actor: { kind: 'token' } },
          { actor: { kind: 'rule', name: 'logonFailuresBeforePinReset' } },
          { actor: { kind: 'rule', name: 'logonFailuresBeforePinReset' } },
        ]);
        const seen = [ringkey.logged.join(''), JSON.stringify(audit.body), await readStore(ringkey.dataDir)];
        for (const pin of pins) for (const text of seen) expect(text).not.toContain(pin);
      }));

    it('makes no new PIN when the owner gets in meanwhile, has no address, or is locked out', () =>
      withMail(
        async (ringkey, server) => {
          const reset = { sendEmail: false };
          await ringkey.addUser(ada, '596183', reset);
          await ringkey.addUser({ extension: '4712' }, '596183', reset);
          await tryPins(ringkey, [...wrongs(1), '596183']);
          await later(ringkey, minuteMs);
          // The second failure orders one; the owner then signs in before it is made.
          await tryPins(ringkey, [...wrongs(2), '596183']);
          await later(ringkey, minuteMs);
          await settled(ringkey);
          for (let tries = 0; tries < 2; tries += 1) {
            const call = await ringkey.dial();
            await call.press('4712#385061#');
            await call.hangUp();
          }
          await later(ringkey, minuteMs);
          expect(server.mails).toEqual([]);
          expect(await tryPins(ringkey, ['596183'])).toMatch(/signed in/);
          expect(await status(ringkey, '4712')).toMatchObject({ pinExpired: false, failedAttempts: 2 });
        },
        { policy: { logonFailuresBeforePinReset: 2, maxLogonAttempts: 5 } },
      ));

    it('writes once that a PIN expires soon', () =>
      withMail(
        async (ringkey, server) => {
          await ringkey.addUser(ada, '596183', { sendEmail: false });
          await ringkey.addUser({ extension: '4712' }, '596183', { sendEmail: false });
          await later(ringkey, 22 * dayMs);
          expect(server.mails).toEqual([]);
          await later(ringkey, 25 * hourMs);
          await received(server, 1);
          expect(subjectsOf(server)).toEqual(['Your phone PIN expires in 7 days']);
          for (let day = 0; day < 9; day += 1) await later(ringkey, dayMs);
          expect(server.mails).toHaveLength(1);
          await ringkey.api('POST', '/users/4711/pin/reset', {
            pin: '740296',
            pinExpired: false,
            sendEmail: false,
          });
          await later(ringkey, 24 * dayMs);
          await received(server, 2);
        },
        { policy: { lifetimeDays: 30, expiryWarningDays: 7 } },
      ));

    it('keeps the password of the mail server out of everything it writes', () =>
      withMail(
        async (ringkey) => {
          await ringkey.api('POST', '/users', ada);
          await ringkey.api('POST', '/users/4711/pin/reset', {});
          await failedTries(ringkey, 1);
          const audit = await ringkey.api('GET', '/audit');
          const texts = [ringkey.logged.join(''), audit.text, await readStore(ringkey.dataDir)];
          for (const text of texts) expect(text).not.toMatch(/hunter2secret|aHVudGVyMnNlY3JldA/);
        },
        { env: { SMTP_URL: 'smtp://ringkey:hunter2secret@127.0.0.1:1' } },
      ));
  });
}
