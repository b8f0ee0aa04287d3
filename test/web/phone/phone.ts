/**
 * The telephone in the browser, over HTTP and without the browser: calls, whose they are, and what they don't tell. Run on each
 * engine.
 */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startTestService, type TestOptions, type TestService } from '../../support/service.ts';
import { openPhone, type PageOptions, type PhonePage, post } from './page.ts';

export function describePhonePage(
  engine: string,
  env: () => Promise<Readonly<Record<string, string>>>,
): void {
  const start = async (options: TestOptions = {}) =>
    startTestService({ ...options, env: { ...(await env()), ...options.env } });

  describe(`/phone on ${engine}`, () => {
    let ringkey: TestService;
    beforeAll(async () => {
      ringkey = await start();
    });
    afterAll(() => ringkey.stop());

    let last = 50_014_700;
    const nextExtension = () => String(++last);

    async function open(options?: PageOptions): Promise<PhonePage> {
      const page = await openPhone(ringkey.service.url, options);
      onTestFinished(() => page.leave());
      return page;
    }

    const press = (page: PhonePage, keys: string) => page.act({ do: 'press', keys });
    const lastStep = (page: PhonePage) => page.told.filter((message) => message.kind === 'step').at(-1);

    it('makes a whole call, a forced change included', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183', { pinExpired: true });
      const page = await open();
      expect(await page.listens()).toMatch(/extension, then pound/);
      expect(lastStep(page)).toMatchObject({ url: '/voice', status: 200, state: { at: 'extension' } });
      await press(page, `${extension}#`);
      expect(await page.listens()).toMatch(/enter your pin/i);
      await press(page, '596183#');
      expect(await page.listens()).toMatch(/choose a PIN of your own/);
      expect(lastStep(page)).toMatchObject({ state: { at: 'new-pin', reason: 'first-use' } });
      await press(page, '123456#');
      expect(await page.listens()).toMatch(/counts up or down/);
      expect(lastStep(page)).toMatchObject({ state: { at: 'new-pin', tally: { refusedPins: 1 } } });
      await press(page, '271803#');
      await page.listens();
      await press(page, '271803#');
      expect(await page.listens()).toMatch(/has been changed.*signed in/);
      await press(page, '*');
      expect(await page.listens()).toMatch(/goodbye/i);
      expect(page.told.at(-1)).toEqual({ kind: 'end', end: { by: 'document' } });
      expect(lastStep(page)).toMatchObject({ url: '/voice/status', state: { at: 'over' } });
      const status = await ringkey.api('GET', `/users/${id}/pin`);
      expect(status.body).toMatchObject({ pinExpired: false, firstTimeUser: false });
    });

    it('never tells the page what was keyed, the token, or what a signature is made of', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, '596183');
      const page = await open();
      await page.listens();
      await press(page, `${extension}#`);
      await page.listens();
      await press(page, '907364#');
      await page.listens();
      await press(page, '596183#');
      expect(await page.listens()).toMatch(/signed in/);
      const told = JSON.stringify(page.told);
      for (const secret of ['907364', '596183', extension, ringkey.secrets.twilioAuthToken]) {
        expect(told).not.toContain(secret);
      }
      expect(told).not.toMatch(/signature|\$argon2|fingerprint|pinId|accountId/i);
      expect(lastStep(page)).toMatchObject({ params: { Digits: '••••••', FinishedOnKey: '#' } });
      for (const secret of ['907364', '596183', page.call]) {
        expect(ringkey.logged.join('\n')).not.toContain(secret);
      }
    });

    it('tells nothing of the state that tells an account from an extension that nobody has', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, '596183');
      const states = [];
      for (const keyed of [extension, nextExtension()]) {
        const page = await open({ from: `+1555${keyed}` });
        await page.listens();
        await press(page, `${keyed}#`);
        await page.listens();
        await press(page, '111112#');
        await page.listens();
        states.push(page.told.flatMap((message) => (message.kind === 'step' ? [message.state] : [])));
      }
      expect(states[0]).toEqual(states[1]);
      expect(states[0]?.at(-1)).toMatchObject({ at: 'pin', tally: { wrongPins: 1 } });
    });

    it('waits for sounds to be through, and lets keys cut them short', async () => {
      const page = await open({ plays: false, isPatient: false });
      const { sound, bargeIn } = await page.next('say');
      expect(bargeIn).toBe(true);
      expect(page.told.some(({ kind }) => kind === 'listen')).toBe(false);
      await page.act({ do: 'played', sound });
      expect(await page.next('over')).toEqual({ kind: 'over', sound });
      expect(await page.next('listen')).toEqual({ kind: 'listen', timeoutMs: 10_000 });
      await press(page, '1#');
      const second = await page.next('say');
      await press(page, '2');
      expect(await page.next('over')).toEqual({ kind: 'over', sound: second.sound });
    });

    it('takes silence for silence, when the time is over and when the caller says so', async () => {
      const quick = await start({ env: { GATHER_TIMEOUT_SECONDS: '3' } });
      onTestFinished(() => quick.stop());
      const page = await openPhone(quick.service.url, { isPatient: false });
      await page.listens();
      expect(await page.listens()).toMatch(/extension/);
      expect(lastStep(page)).toMatchObject({ url: expect.stringMatching(/\/silence$/) });
      await page.act({ do: 'set-patience', isPatient: true });
      await page.listens();
      expect(page.told.at(-1)).toEqual({ kind: 'listen', timeoutMs: null });
      await page.act({ do: 'stay-silent' });
      expect(await page.listens()).toMatch(/extension/);
      await page.act({ do: 'stay-silent' });
      expect(await page.listens()).toMatch(/goodbye/i);
    });

    it('begins in the language that is asked for, as the number that is given or without one', async () => {
      const extension = nextExtension();
      const number = '+15551250077';
      await ringkey.addUser({ extension, phoneNumbers: [number], locale: 'fr-FR' }, '596183');
      const german = await open({ locale: 'de-DE' });
      expect(await german.next('say')).toMatchObject({ language: 'de-DE' });
      const english = await open();
      expect(await english.next('say')).toMatchObject({ language: 'en-US' });
      const owner = await open({ from: number, locale: 'de-DE' });
      expect(await owner.next('say')).toMatchObject({ language: 'fr-FR' });
      const nobody = await open({ from: null });
      expect(await nobody.next('step')).toMatchObject({ params: { From: '+266696687' } });
    });

    it('ends the call, and says so to the service, when the page hangs up or is left', async () => {
      const ended = () => ringkey.figure('ringkey_calls_total{outcome="hung-up"}');
      const page = await open();
      await page.listens();
      await page.act({ do: 'hang-up' });
      await page.listens();
      expect(page.told.at(-1)).toEqual({ kind: 'end', end: { by: 'caller' } });
      expect(lastStep(page)).toMatchObject({ url: '/voice/status', params: { CallStatus: 'completed' } });
      const before = await ended();
      const left = await open();
      await left.listens();
      left.leave();
      await expect.poll(ended).toBe(before + 1);
    });

    it('lets nobody act on a call that is not theirs, or over', async () => {
      const page = await open();
      await page.listens();
      const forged = { call: 'A'.repeat(43), do: 'press', keys: '1' };
      expect((await post(ringkey.service.url, '/actions', forged)).status).toBe(404);
      expect(page.told.filter(({ kind }) => kind === 'step')).toHaveLength(1);
      await page.act({ do: 'hang-up' });
      await page.listens();
      expect(await page.act({ do: 'press', keys: '1' })).toBe(404);
    });

    it.each([
      ['a number that is none', '/calls', { from: '555', locale: null, isPatient: true }],
      ['a language that is not spoken', '/calls', { from: null, locale: 'xx', isPatient: true }],
      ['an unknown field', '/calls', { from: null, locale: null, isPatient: true, to: '+1' }],
      ['keys that are none', '/actions', { call: 'x', do: 'press', keys: '907364x' }],
      ['an unknown action', '/actions', { call: 'x', do: 'sing' }],
      ['a list', '/actions', []],
    ])('refuses %s, without repeating it', async (_what, path, body) => {
      const answer = await post(ringkey.service.url, path, body);
      expect(answer.status).toBe(400);
      expect(await answer.text()).not.toContain('907364');
    });

    it('refuses what another site can send', async () => {
      const call = { from: null, locale: null, isPatient: true };
      const url = ringkey.service.url;
      const plain = await post(url, '/calls', call, { 'content-type': 'text/plain' });
      expect(plain.status).toBe(415);
      const foreign = await post(url, '/calls', call, { origin: 'https://evil.example' });
      expect(foreign.status).toBe(403);
      const fetched = await post(url, '/calls', call, { 'sec-fetch-site': 'cross-site' });
      expect(fetched.status).toBe(403);
    });

    it('is not there under a name that another site has lead here', async () => {
      const { hostname, port } = new URL(ringkey.service.url);
      const statusFor = (host: string) =>
        new Promise((resolve, reject) => {
          const asked = request({ hostname, port, path: '/phone/settings', headers: { host } }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          });
          asked.once('error', reject).end();
        });
      for (const host of [
        `localhost:${port}`,
        'ringkey.localhost',
        `127.0.0.1:${port}`,
        '[::1]:3000',
        '192.168.1.7',
      ]) {
        expect([host, await statusFor(host)]).toEqual([host, 200]);
      }
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        'localhost.evil.example',
        '127.0.0.1.evil.example',
      ]) {
        expect([host, await statusFor(host)]).toEqual([host, 403]);
      }
    });

    it('hangs up every call when the service stops', async () => {
      const stopping = await start();
      const page = await openPhone(stopping.service.url);
      await page.listens();
      await stopping.stop();
      await page.listens();
      expect(page.told.at(-1)).toEqual({ kind: 'end', end: { by: 'caller' } });
      expect(lastStep(page)).toMatchObject({ url: '/voice/status', status: 200 });
    });

    it('has so many lines and no more, and takes calls again when one is free', async () => {
      const full = await start();
      onTestFinished(() => full.stop());
      const pages = await Promise.all(Array.from({ length: 20 }, () => openPhone(full.service.url)));
      await expect(openPhone(full.service.url)).rejects.toThrow(/"busy"/);
      const [page] = pages;
      await page?.listens();
      await page?.act({ do: 'hang-up' });
      await page?.listens();
      const another = await openPhone(full.service.url);
      expect(await another.listens()).toMatch(/extension/);
    });

    it('shows a hand-over and does not follow it; the statement is read, not passed on', async () => {
      for (const appUrl of ['https://app.example.com/calls', 'https://pin.example.com/app/calls']) {
        const PUBLIC_URL = 'https://pin.example.com';
        const handing = await start({ env: { APP_URL: appUrl, PUBLIC_URL } });
        onTestFinished(() => handing.stop());
        await handing.addUser({ extension: '4711', displayName: 'Ada' }, '596183');
        const page = await openPhone(handing.service.url);
        await page.listens();
        await press(page, '4711#');
        await page.listens();
        await press(page, '596183#');
        await page.listens();
        expect(page.told.at(-1)).toMatchObject({
          kind: 'end',
          end: {
            by: 'redirect',
            url: `${appUrl}?assertion=…`,
            statement: { iss: PUBLIC_URL, ext: '4711', name: 'Ada', call_sid: page.callSid },
          },
        });
        expect(JSON.stringify(page.told)).not.toMatch(/eyJ[\w-]+\./);
        await handing.stop();
      }
    });
  });
}
