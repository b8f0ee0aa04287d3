/**
 * `/me` over HTTP: what is answered, what is mailed, what a link is good for, and what it isn't. Run on each engine.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { PinPolicy } from '../../src/core/pin/policy.ts';
import { type TestService, withTestService } from '../support/service.ts';
import { patience } from '../support/wait-until.ts';

const ada = { extension: '4711', displayName: 'Ada Lovelace', email: 'ada@example.com' };
const minuteMs = 60_000;

const anyAnswer = z.looseObject({ code: z.string().optional(), codes: z.array(z.string()).optional() });

/** What a browser keeps, and what its page sends. */
interface Visitor {
  readonly cookie: string;
  readonly csrf: string;
}

interface Answer {
  readonly status: number;
  readonly body: z.infer<typeof anyAnswer>;
  readonly headers: Headers;
}

export function describeMe(settings: () => Promise<Readonly<Record<string, string>>>): void {
  const withMe = async (
    use: (ringkey: TestService) => Promise<void>,
    policy: Partial<PinPolicy> = {},
    env: Readonly<Record<string, string>> = {},
  ) => {
    await withTestService({ env: { ...(await settings()), ...env }, policy }, use);
  };

  async function post(
    { service }: TestService,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await fetch(`${service.url}/me${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: anyAnswer.parse(await answer.json()) };
  }

  async function visit(ringkey: TestService): Promise<Visitor> {
    const { body, headers } = await post(ringkey, '/visit', {});
    const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
    return { cookie, csrf: z.string().parse(body.csrfToken) };
  }

  const as = ({ cookie, csrf }: Visitor) => ({ cookie, 'x-csrf-token': csrf });

  const ask = (ringkey: TestService, visitor: Visitor, identity: string) =>
    post(ringkey, '/requests', { identity }, as(visitor));

  /** The mails that were written so far, once all are that wait, in no order. */
  async function mails({ service, api, dataDir }: TestService): Promise<string[]> {
    await service.linksSettled();
    await service.runMailRound();
    await vi.waitFor(async () => {
      expect((await api('GET', '/users')).text).not.toMatch(/"mailsWaiting":[1-9]/);
    }, patience);
    const folder = join(dataDir, 'mail');
    return (existsSync(folder) ? readdirSync(folder) : []).map((name) =>
      readFileSync(join(folder, name), 'utf8')
        .replace(/=\r?\n/g, '')
        .replace(/=3D/g, '='),
    );
  }

  const linksIn = (texts: readonly string[]) =>
    texts.flatMap((text) => /^http\S+\/me#(\S+)\s*$/m.exec(text)?.[1] ?? []);

  /** Asks in a new browser, and takes the link out of the mail. */
  async function linkFor(ringkey: TestService, identity = '4711') {
    const visitor = await visit(ringkey);
    const before = linksIn(await mails(ringkey));
    await ask(ringkey, visitor, identity);
    const [link = 'none'] = linksIn(await mails(ringkey)).filter((one) => !before.includes(one));
    return { visitor, link };
  }

  const open = (ringkey: TestService, visitor: Visitor, link: string) =>
    post(ringkey, '/link', { link }, as(visitor));
  const set = (ringkey: TestService, visitor: Visitor, link: string, pin: string, again = pin) =>
    post(ringkey, '/pin', { link, pin, again }, as(visitor));

  const status = async ({ api }: TestService) => (await api('GET', '/users/4711/pin')).body;

  async function heard({ dial }: TestService, pin: string): Promise<string> {
    const call = await dial();
    await call.press(`4711#${pin}#`);
    if (call.ended === null) await call.hangUp();
    return call.heard();
  }

  const addAda = (ringkey: TestService, more = {}) =>
    ringkey.addUser({ ...ada, ...more }, '740296', { sendEmail: false });

  /** Locks the account by failing, in calls of different callers. */
  async function failUntilLocked({ dial, clock }: TestService, tries: number): Promise<void> {
    for (let call = 0; call * 3 < tries; call += 1) {
      const caller = await dial({ from: `+1555126${String(call).padStart(4, '0')}` });
      await caller.press('4711#385061#');
      for (let more = 1; more < 3 && caller.ended === null; more += 1) await caller.press('385061#');
      if (caller.ended === null) await caller.hangUp();
    }
    // A lock is told after a while, in case the owner gets in.
    clock.advance(60 * minuteMs);
  }

  describe('asking for a link', () => {
    it('is answered alike, whatever is asked for, and mails only who has an account and an address', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        await ringkey.addUser({ extension: '4712' });
        await ringkey.addUser({ extension: '4713', email: 'gone@example.com', enabled: false });
        const visitor = await visit(ringkey);
        const asked = ['4711', ' ADA@example.com ', '4712', '4713', '9999', 'nobody@example.com', '<script>'];
        const answers = [];
        for (const identity of asked) answers.push(await ask(ringkey, visitor, identity));
        for (const { status: code, body, headers } of answers) {
          expect({ code, body }).toEqual({ code: 202, body: {} });
          expect(headers.get('cache-control')).toBe('no-store');
          expect([...headers.keys()]).toEqual([...(answers[0]?.headers.keys() ?? [])]);
        }
        const written = await mails(ringkey);
        expect(written).toHaveLength(2);
        for (const mail of written) expect(mail).toMatch(/^To: .*ada@example.com/m);
        const links = linksIn(written);
        expect(new Set(links).size).toBe(2);
        const trail = (await ringkey.api('GET', '/audit?event=pin.link-sent')).text;
        expect(trail).toMatch(/"kind":"visitor","name":"[0-9a-f-]{36}","from":"[^"]+"/);
        const told = [trail, ...ringkey.logged].join('\n');
        for (const secret of [...links, visitor.csrf, visitor.cookie.split('=')[1] ?? '', 'nobody@']) {
          expect(told).not.toContain(secret);
        }
      }));

    it('is bounded for an account, without a word of it, and anew each hour', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const visitor = await visit(ringkey);
        for (let times = 0; times < 8; times += 1) {
          const answer = await ask(ringkey, visitor, times % 2 === 0 ? '4711' : 'ada@example.com');
          expect(answer).toMatchObject({ status: 202, body: {} });
        }
        expect(await mails(ringkey)).toHaveLength(5);
        ringkey.clock.advance(60 * minuteMs);
        await ask(ringkey, visitor, '4711');
        expect(await mails(ringkey)).toHaveLength(6);
      }));

    it('is bounded for an address of the network, for nobody as for somebody', () =>
      withMe(
        async (ringkey) => {
          await addAda(ringkey);
          const visitor = await visit(ringkey);
          for (let times = 0; times < 3; times += 1) {
            expect((await ask(ringkey, visitor, `999${times}`)).status).toBe(202);
          }
          for (const identity of ['4711', '9999']) {
            const answer = await ask(ringkey, await visit(ringkey), identity);
            expect(answer).toMatchObject({ status: 429, body: { code: 'too_many_links' } });
          }
          expect(linksIn(await mails(ringkey))).toEqual([]);
        },
        {},
        { ME_REQUESTS_PER_HOUR: '3' },
      ));
  });

  describe('a link', () => {
    it('shows the status and the policy, and sets a PIN, once', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        for (const _twice of [1, 2]) {
          const opened = await open(ringkey, visitor, link);
          expect(opened).toMatchObject({
            status: 200,
            body: { extension: '4711', status: { pinSet: true }, policy: { minLength: 6 } },
          });
        }
        const done = await set(ringkey, visitor, link, '596183');
        expect(done).toMatchObject({ status: 200, body: { pin: null, status: { lockedOut: false } } });
        expect(await heard(ringkey, '596183')).toMatch(/You are signed in/);
        expect((await mails(ringkey)).join('\n')).toMatch(/^Subject: Your phone PIN has been changed/m);
        const trail = await ringkey.api('GET', '/audit?event=pin.changed');
        expect(trail.text).toContain('"details":{"by":"link","origin":"owner"}');

        for (const answer of [
          await set(ringkey, visitor, link, '826401'),
          await open(ringkey, visitor, link),
          await post(ringkey, '/check', { link, pin: '826401' }, as(visitor)),
          await post(ringkey, '/pin', { link }, as(visitor)),
        ]) {
          expect(answer).toMatchObject({ status: 410, body: { code: 'link_spent' } });
        }
        expect(await heard(ringkey, '826401')).not.toMatch(/You are signed in/);
      }));

    it('sets one PIN, however many ask at once', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        const pins = ['596183', '826401', '915372'];
        const answers = await Promise.all(pins.map((pin) => set(ringkey, visitor, link, pin)));
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 410, 410]);
      }));

    it('changes nothing when it comes late', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        ringkey.clock.advance(15 * minuteMs - 1);
        expect((await open(ringkey, visitor, link)).status).toBe(200);
        ringkey.clock.advance(1);
        expect((await open(ringkey, visitor, link)).body.code).toBe('link_spent');
        expect((await set(ringkey, visitor, link, '596183')).body.code).toBe('link_spent');
        expect(await heard(ringkey, '740296')).toMatch(/You are signed in/);
      }));

    it('changes nothing in another browser, and stays good in its own', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        const other = await visit(ringkey);
        for (const answer of [await open(ringkey, other, link), await set(ringkey, other, link, '596183')]) {
          expect(answer).toMatchObject({ status: 403, body: { code: 'link_elsewhere' } });
          expect(answer.body.detail).toMatch(/Open it in the browser that asked for it/);
        }
        expect(await heard(ringkey, '740296')).toMatch(/You are signed in/);
        expect((await set(ringkey, visitor, link, '596183')).status).toBe(200);
      }));

    it('is good for nothing once the PIN, the address or the account is another', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const reset = await linkFor(ringkey);
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: '826401', sendEmail: false });
        expect((await set(ringkey, reset.visitor, reset.link, '596183')).body.code).toBe('link_spent');
        const moved = await linkFor(ringkey);
        await ringkey.api('PATCH', '/users/4711', { email: 'new@example.com' });
        expect((await set(ringkey, moved.visitor, moved.link, '596183')).body.code).toBe('link_spent');
        const disabled = await linkFor(ringkey);
        await ringkey.api('PATCH', '/users/4711', { enabled: false });
        expect((await set(ringkey, disabled.visitor, disabled.link, '596183')).body.code).toBe('link_spent');
        await ringkey.api('PATCH', '/users/4711', { enabled: true });
        const removed = await linkFor(ringkey);
        await ringkey.api('DELETE', '/users/4711');
        expect((await set(ringkey, removed.visitor, removed.link, '596183')).body.code).toBe('link_spent');
      }));

    it('makes up a PIN, tells it once, and it needs no change', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        const done = await post(ringkey, '/pin', { link }, as(visitor));
        const pin = z.string().parse(done.body.pin);
        expect(pin).toMatch(/^\d{6}$/);
        expect(await heard(ringkey, pin)).toMatch(/You are signed in/);
        expect([...ringkey.logged, ...(await mails(ringkey))].join('\n')).not.toContain(pin);
      }));

    it('gives a first PIN to who has none', () =>
      withMe(async (ringkey) => {
        await ringkey.addUser(ada);
        const { visitor, link } = await linkFor(ringkey);
        expect((await set(ringkey, visitor, link, '596183')).status).toBe(200);
        expect(await heard(ringkey, '596183')).toMatch(/You are signed in/);
      }));

    it('tells each rule that a PIN breaks, and history binds', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        const check = (pin: string) => post(ringkey, '/check', { link, pin }, as(visitor));
        expect((await check('121212')).body.codes).toEqual([
          'repeated_group',
          'two_digits_only',
          'date_like',
        ]);
        expect((await check('740296')).body.codes).toEqual([]);
        const refused = await set(ringkey, visitor, link, '740296');
        expect(refused).toMatchObject({
          status: 422,
          body: { code: 'pin_refused', codes: ['recently_used'] },
        });
        expect((await set(ringkey, visitor, link, '47118')).body.codes).toEqual(['too_short']);
        const differing = await set(ringkey, visitor, link, '596183', '596184');
        expect(differing).toMatchObject({ status: 422, body: { code: 'pins_differ' } });
        expect((await set(ringkey, visitor, link, '596183')).status).toBe(200);
      }));

    it('lets nobody try more PINs than a person does', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        for (let tries = 0; tries < 20; tries += 1) {
          expect((await set(ringkey, visitor, link, '123456')).status).toBe(422);
        }
        expect((await set(ringkey, visitor, link, '596183')).body.code).toBe('link_spent');
        const next = await linkFor(ringkey);
        const check = () => post(ringkey, '/check', { link: next.link, pin: '123456' }, as(next.visitor));
        for (let looks = 0; looks < 100; looks += 1) expect((await check()).status).toBe(200);
        expect((await check()).body.code).toBe('link_spent');
      }));
  });

  describe('a lock', () => {
    it('by an administrator stays', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        await ringkey.api('PATCH', '/users/4711/pin', { lockedOut: true });
        const { visitor, link } = await linkFor(ringkey);
        const done = await set(ringkey, visitor, link, '596183');
        expect(done.body.status).toMatchObject({ lockedOut: true, lockReason: 'administrator' });
        expect(await status(ringkey)).toMatchObject({ lockedOut: true, lockReason: 'administrator' });
        expect(await heard(ringkey, '596183')).not.toMatch(/You are signed in/);
      }));

    it('after failed tries is lifted', () =>
      withMe(
        async (ringkey) => {
          await addAda(ringkey);
          await failUntilLocked(ringkey, 3);
          expect(await status(ringkey)).toMatchObject({ lockedOut: true, lockReason: 'failures' });
          const { visitor, link } = await linkFor(ringkey);
          expect((await open(ringkey, visitor, link)).body.status).toMatchObject({ lockReason: 'failures' });
          const done = await set(ringkey, visitor, link, '596183');
          expect(done.body.status).toMatchObject({ lockedOut: false, failedAttempts: 0 });
          expect(await heard(ringkey, '596183')).toMatch(/You are signed in/);
        },
        { maxLogonAttempts: 3 },
      ));

    it('after too many failed tries since the last sign-in stays', () =>
      withMe(
        async (ringkey) => {
          await addAda(ringkey);
          await failUntilLocked(ringkey, 3);
          const { visitor, link } = await linkFor(ringkey);
          await set(ringkey, visitor, link, '596183');
          expect(await status(ringkey)).toMatchObject({ lockedOut: true, lockReason: 'failure-cap' });
        },
        { maxLogonAttempts: 3, maxFailuresBeforeHardLock: 3 },
      ));

    it('of an account that nobody used stays, until an administrator lifts it', () =>
      withMe(
        async (ringkey) => {
          await addAda(ringkey);
          ringkey.clock.advance(31 * 24 * 60 * minuteMs);
          const { visitor, link } = await linkFor(ringkey);
          await set(ringkey, visitor, link, '596183');
          expect(await status(ringkey)).toMatchObject({ lockedOut: true, lockReason: 'inactivity' });
          expect(await heard(ringkey, '596183')).not.toMatch(/You are signed in/);
          await ringkey.api('PATCH', '/users/4711/pin', { lockedOut: false });
          expect(await heard(ringkey, '596183')).toMatch(/You are signed in/);
        },
        { inactivityLockDays: 30 },
      ));
  });

  describe('what comes from elsewhere, or is no request of the page,', () => {
    it('changes nothing without the CSRF token of its own cookie', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        const other = await visit(ringkey);
        const before = (await mails(ringkey)).length;
        const bodies: [string, object][] = [
          ['/requests', { identity: '4711' }],
          ['/link', { link }],
          ['/check', { link, pin: '596183' }],
          ['/pin', { link, pin: '596183', again: '596183' }],
          ['/pin', { link }],
        ];
        for (const [path, body] of bodies) {
          for (const headers of [
            { cookie: visitor.cookie },
            { cookie: visitor.cookie, 'x-csrf-token': other.csrf },
            { cookie: visitor.cookie, 'x-csrf-token': '' },
            { 'x-csrf-token': visitor.csrf },
            { cookie: 'ringkey-visitor=x', 'x-csrf-token': visitor.csrf },
          ]) {
            const answer = await post(ringkey, path, body, headers);
            expect(answer).toMatchObject({ status: 403, body: { code: 'csrf_token_missing' } });
          }
          for (const from of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
            const answer = await post(ringkey, path, body, { ...as(visitor), ...from });
            expect(answer).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
          }
        }
        expect(await mails(ringkey)).toHaveLength(before);
        expect(await heard(ringkey, '740296')).toMatch(/You are signed in/);
      }));

    it('is refused, whatever it is, and never told back', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        const refusedWith = async (path: string, body: unknown) => {
          const { status: code, body: problem } = await post(ringkey, path, body, as(visitor));
          expect(JSON.stringify(problem)).not.toMatch(/596183|evil/);
          return code;
        };
        expect(await refusedWith('/requests', { identity: '' })).toBe(400);
        expect(await refusedWith('/requests', { identity: 'evil'.repeat(2500) })).toBe(413);
        expect(await refusedWith('/requests', { identity: 'evil'.repeat(100) })).toBe(400);
        expect(await refusedWith('/requests', { identity: ['4711'] })).toBe(400);
        expect(await refusedWith('/requests', { identity: '4711', evil: 1 })).toBe(400);
        expect(await refusedWith('/requests', '{"identity":"evil')).toBe(400);
        expect(await refusedWith('/pin', { link, pin: '596183' })).toBe(400);
        expect(await refusedWith('/pin', { link, pin: 596183, again: 596183 })).toBe(400);
        expect(await refusedWith('/pin', { link, pin: '596183', again: '596183', evil: 1 })).toBe(400);
        const bad = ['', 'p1.', `p999.${'a'.repeat(43)}`, `p1.${'a'.repeat(43)}`, `server.${'a'.repeat(43)}`];
        for (const one of [...bad, '../evil', `${link}x`, link.slice(1), 'p1.\u202e\u0000evil']) {
          expect(await refusedWith('/link', { link: one })).toBe(410);
        }
        for (const method of ['GET', 'PUT', 'DELETE']) {
          const answer = await fetch(`${ringkey.service.url}/me/pin`, { method, headers: as(visitor) });
          expect(answer.status).toBe(405);
        }
        const typed = await post(ringkey, '/requests', 'identity=4711', {
          ...as(visitor),
          'content-type': 'application/x-www-form-urlencoded',
        });
        expect(typed.status).toBe(415);
        expect((await open(ringkey, visitor, link)).status).toBe(200);
      }));
  });

  describe('the page', () => {
    it('is read without a cookie, sets none, and spends nothing', () =>
      withMe(async (ringkey) => {
        await addAda(ringkey);
        const { visitor, link } = await linkFor(ringkey);
        for (const headers of [{}, { cookie: visitor.cookie }, { 'sec-fetch-site': 'cross-site' }]) {
          const answer = await fetch(`${ringkey.service.url}/me`, { headers });
          expect(answer.status).toBe(200);
          expect(answer.headers.get('set-cookie')).toBeNull();
          expect(answer.headers.get('cache-control')).toBe('no-store');
          expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
          expect(answer.headers.get('content-security-policy')).toMatch(
            /default-src 'none';script-src 'self'/,
          );
          expect(await answer.text()).not.toMatch(/<style|\sstyle=|\son\w+=|https?:|<script(?![^>]* src=)/);
        }
        expect((await open(ringkey, visitor, link)).status).toBe(200);
      }));

    it('keeps its cookie from scripts, from other sites, and from other hosts', () =>
      withMe(
        async (ringkey) => {
          const { headers } = await post(ringkey, '/visit', {}, { origin: 'https://pin.example.com' });
          expect(headers.get('set-cookie')).toMatch(
            /^__Host-ringkey-visitor=[\w-]{43}; Max-Age=3600; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
          );
        },
        {},
        { PUBLIC_URL: 'https://pin.example.com' },
      ));

    it('is not there when it is switched off', () =>
      withMe(
        async (ringkey) => {
          expect((await fetch(`${ringkey.service.url}/me`)).status).toBe(404);
          expect((await post(ringkey, '/visit', {})).status).toBe(404);
        },
        {},
        { ME_REQUESTS_PER_HOUR: '0' },
      ));
  });
}
