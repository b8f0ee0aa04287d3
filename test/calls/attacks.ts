/**
 * What an attacker, or a provider on a bad day, sends: repeated, replayed, altered and forged webhooks, and many at once. Run on
 * each engine.
 */
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../../src/phone/dial.ts';
import { sendWebhook } from '../../src/phone/webhook-client.ts';
import { startTestService, type TestService } from '../support/service.ts';

let lastExtension = 6000;
const nextExtension = () => String(++lastExtension);
let lastCaller = 1000;
const nextCaller = () => `+1555124${++lastCaller}`;

const pin = '596183';
const appUrl = 'https://app.example.com/calls?source=phone';

export function describeAttacks(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  describe(`webhooks on ${engine}`, () => {
    let ringkey: TestService;
    let authToken: string;

    beforeAll(async () => {
      ringkey = await startTestService({ env: { ...(await env()), APP_URL: appUrl } });
      authToken = ringkey.secrets.twilioAuthToken;
    });
    afterAll(() => ringkey.stop());

    const dial = (from = nextCaller()) => ringkey.dial({ from, followElsewhere: false });
    const failures = async (id: string) => (await ringkey.api('GET', `/users/${id}/pin`)).body.failedAttempts;

    /** The last webhook of a call, to be sent again. */
    function lastRequest(call: Call) {
      const exchange = call.requests.at(-1);
      if (exchange === undefined) throw new Error('The call sent nothing.');
      return { ...exchange, authToken };
    }

    /** A call that was asked for its PIN, and the address to which keyed digits go. */
    async function callAtPin(extension: string, from?: string) {
      const call = await dial(from);
      await call.press(`${extension}#`);
      const { params, answer } = lastRequest(call);
      const action = /action="([^"]+)"/.exec(answer?.body ?? '')?.[1] ?? '';
      const url = ringkey.service.url + new URL(action).pathname;
      const send = (
        changed: Record<string, string | string[]>,
        more: Partial<Parameters<typeof sendWebhook>[0]> = {},
      ) => sendWebhook({ url, signUrl: action, authToken, params: { ...params, ...changed }, ...more });
      return { call, url, action, params, send };
    }

    it('answers a step that is delivered twice the same, and charges it once', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      const { send } = await callAtPin(extension);
      const hashes = await ringkey.figure('ringkey_hash_seconds_count');
      const answers = await Promise.all([1, 2, 3, 4].map(() => send({ Digits: '111111' })));
      answers.push(await send({ Digits: '111111' }));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(answers[0]?.body).toMatch(/do not match/);
      expect(await failures(id)).toBe(1);
      expect((await ringkey.figure('ringkey_hash_seconds_count')) - hashes).toBe(1);
    });

    it("charges no account for a caller's tries beyond their budget, also when all are made at once", async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      const from = nextCaller();
      const calls = [];
      for (let n = 0; n < 5; n += 1) {
        const spent = await ringkey.dial({ from });
        for (let tries = 0; tries < 3 && spent.ended === null; tries += 1) {
          await spent.press(`${tries > 0 ? '*#' : ''}${nextExtension()}#111111#`);
        }
      }
      for (let n = 0; n < 20; n += 1) calls.push(await callAtPin(extension, from));
      const hashes = await ringkey.figure('ringkey_hash_seconds_count');
      const answers = await Promise.all(calls.map(({ send }) => send({ Digits: '111111' })));
      expect(answers.filter(({ body }) => /too many/i.test(body)).length).toBeGreaterThan(0);
      const computed = (await ringkey.figure('ringkey_hash_seconds_count')) - hashes;
      expect([computed, await failures(id)]).toEqual([5, 5]);
    });

    it('answers a start that is delivered twice the same', async () => {
      const call = await dial();
      const again = await sendWebhook(lastRequest(call));
      expect(again.body).toBe(lastRequest(call).answer?.body);
    });

    it('answers a step without a PIN that is delivered twice at once the same', async () => {
      const call = await dial();
      const { params, answer } = lastRequest(call);
      const action = /action="([^"]+)"/.exec(answer?.body ?? '')?.[1] ?? '';
      const url = ringkey.service.url + new URL(action).pathname;
      const step = { url, signUrl: action, authToken, params: { ...params, Digits: '4711' } };
      const answers = await Promise.all([1, 2, 3].map(() => sendWebhook(step)));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(answers[0]?.body).toMatch(/Enter your PIN/);
    });

    it('hears once that a call is over, and counts it as hung up only if it was not over yet', async () => {
      const hungUp = () => ringkey.figure('ringkey_calls_total{outcome="hung-up"}');
      const end = async (call: Call) => {
        const { params } = lastRequest(call);
        const [url, signUrl] = [ringkey.service.url, ringkey.service.publicUrl.origin];
        const status = { ...params, CallStatus: 'completed' };
        return sendWebhook({
          url: `${url}/voice/status`,
          signUrl: `${signUrl}/voice/status`,
          authToken,
          params: status,
        });
      };
      const before = await hungUp();
      const call = await dial();
      const answers = [await end(call), await end(call)];
      expect(answers.map(({ body }) => body)).toEqual(Array(2).fill(expect.stringContaining('<Response/>')));
      expect(await hungUp()).toBe(before + 1);

      const extension = nextExtension();
      await ringkey.addUser({ extension }, pin);
      const { call: handedOver, send } = await callAtPin(extension);
      await send({ Digits: pin });
      await end(handedOver);
      expect(await hungUp()).toBe(before + 1);
    });

    it('gives a replayed start nothing of a call that has gone on', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, pin);
      const { call, send } = await callAtPin(extension);
      const [first] = call.requests;
      if (first === undefined) throw new Error('The call sent nothing.');
      const start = { ...first, authToken };
      const handedOver = await send({ Digits: pin });
      expect(handedOver.body).toContain('assertion=');
      expect((await send({ Digits: pin })).body).toBe(handedOver.body);
      const replayed = await sendWebhook(start);
      expect(replayed.body).not.toContain('assertion');
      expect(replayed.body).toMatch(/<Hangup\/>/);
    });

    it('changes nothing when a captured call is replayed from its beginning after it ended', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      const call = await dial();
      await call.press(`${extension}#${pin}#`);
      expect(call.ended).toMatchObject({ by: 'redirect' });
      const captured = call.requests.filter(({ url }) => url.startsWith(ringkey.service.url));
      const { lastSignInAt } = (await ringkey.api('GET', `/users/${id}/pin`)).body;
      for (const wait of [0, 31 * 60_000]) {
        ringkey.clock.advance(wait);
        for (const exchange of captured) {
          const replayed = await sendWebhook({ ...exchange, authToken });
          expect(replayed.body).not.toContain('assertion');
        }
      }
      expect((await ringkey.api('GET', `/users/${id}/pin`)).body.lastSignInAt).toBe(lastSignInAt);
    });

    it('refuses a signed request that was altered where the signature is blind, and leaves the step untouched', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      const { send, params, action } = await callAtPin(extension);
      const { Digits: _, ...withoutDigits } = { ...params, Digits: '' };
      const form = (extra: string) => `${new URLSearchParams(withoutDigits)}${extra}`;
      const signed = getExpectedTwilioSignature(authToken, action, { ...params, Digits: '111111' });
      const altered = {
        'a doubled parameter': form('&Digits=111111&Digits=111111'),
        'an array': form('&Digits[]=111111'),
        're-cut into the name': form('&Digits1=11111'),
        're-cut to the next name': form('&Digits=11&1111Direction=inbound'),
        'moved into another value': form('').replace(
          'CallStatus=in-progress',
          'CallStatus=in-progressDigits111111',
        ),
        'a prototype': form('&Digits=111111&__proto__=x'),
        'bytes that are no text': form('&Digits=111111&Caller=%ff%fe'),
      };
      for (const [name, body] of Object.entries(altered)) {
        const answer = await send({ Digits: '111111' }, { body, signature: signed });
        expect([name, answer.status]).toEqual([
          name,
          expect.toSatisfy((status: number) => status >= 400 && status < 500),
        ]);
      }
      const moved = await sendWebhook({
        url: `${ringkey.service.url}${new URL(action).pathname}Digits111111`,
        authToken,
        params: withoutDigits,
        signature: signed,
      });
      expect(moved.status).toBe(404);
      expect(await failures(id)).toBe(0);
      expect((await send({ Digits: pin })).body).toContain('assertion=');
    });

    it.each([
      ['no signature', { signature: null }, 403],
      ['an empty signature', { signature: '' }, 403],
      ['a signature by an empty token', { authToken: '' }, 403],
      ['a signature by another token', { authToken: 'x'.repeat(32) }, 403],
      ['a signature for another URL', { signUrl: 'https://elsewhere.example.com/voice' }, 403],
      ['JSON', { contentType: 'application/json', body: '{}' }, 415],
      ['a body too large', { body: `CallSid=${'1'.repeat(70_000)}` }, 413],
    ] as const)('refuses %s before any state is touched', async (_name, forged, status) => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, pin);
      const { send } = await callAtPin(extension);
      const answer = await send({ Digits: pin }, forged);
      expect(answer.status).toBe(status);
      expect(answer.body).not.toContain('Response');
      expect((await send({ Digits: pin })).body).toContain('assertion=');
    });

    it('tells the operator which URL was expected, and which one the signature fits', async () => {
      const path = '/voice';
      ringkey.clock.advance(10_000);
      const params = { CallSid: `CA${'0'.repeat(32)}`, From: '+15551240001' };
      const host = ringkey.service.publicUrl.host;
      await sendWebhook({
        url: ringkey.service.url + path,
        signUrl: `https://${host}${path}`,
        authToken,
        params,
      });
      const line = JSON.parse(
        ringkey.logged.filter((entry) => entry.includes('unsigned-webhook')).at(-1) ?? '{}',
      );
      expect(line).toMatchObject({ expected: `http://${host}${path}`, fits: `https://${host}${path}` });
      expect(line.msg).toMatch(/PUBLIC_URL/);
    });

    it.each([
      ['a slash at the end', 'POST', '/voice/', '/voice'],
      ['capitals', 'POST', '/Voice/Status', '/voice/status'],
      ['GET', 'GET', '/voice/fallback', '/voice/fallback'],
    ])('tells the operator of %s in the address of a webhook', async (_what, method, path, meant) => {
      ringkey.clock.advance(10_000);
      const told = () => ringkey.logged.filter((entry) => entry.includes('misdirected-webhook'));
      const before = told().length;
      for (let n = 0; n < 3; n += 1) {
        expect((await fetch(ringkey.service.url + path, { method })).status).toBe(404);
      }
      await fetch(`${ringkey.service.url}/voice/steps/canary/keys/`, { method });
      expect(told()).toHaveLength(before + 1);
      const line = JSON.parse(told().at(-1) ?? '{}');
      expect(line).toMatchObject({ method, meant, level: 40 });
      expect(line.msg).toMatch(/POST .*without a slash at the end/);
      expect(ringkey.logged.join()).not.toContain('canary');
    });

    it('answers GET and unknown addresses with an error, and the fallback without the store', async () => {
      expect((await fetch(`${ringkey.service.url}/voice`)).status).toBe(404);
      const fallback = await sendWebhook({
        url: `${ringkey.service.url}/voice/fallback`,
        signUrl: `${ringkey.service.publicUrl.origin}/voice/fallback`,
        authToken,
        params: { CallSid: `CA${'1'.repeat(32)}`, ErrorCode: '11205' },
      });
      expect([fallback.status, fallback.headers.get('content-type')]).toEqual([
        200,
        'text/xml; charset=utf-8',
      ]);
      expect(fallback.body).toMatch(/sorry/i);
    });

    it('hands the call over with a statement that an application can verify', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension, displayName: 'Ada & Söhne' }, pin);
      const call = await dial();
      await call.press(`${extension}#${pin}#`);
      if (call.ended?.by !== 'redirect') throw new Error('The call was not handed over.');
      const url = new URL(call.ended.url);
      expect([url.origin + url.pathname, url.searchParams.get('source')]).toEqual([
        'https://app.example.com/calls',
        'phone',
      ]);
      const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', ringkey.service.url));
      const { payload, protectedHeader } = await jwtVerify(url.searchParams.get('assertion') ?? '', keys, {
        issuer: ringkey.service.publicUrl.origin,
        audience: 'https://app.example.com',
        currentDate: new Date(ringkey.clock.now()),
      });
      const now = Math.floor(ringkey.clock.now() / 1000);
      expect(protectedHeader.alg).toBe('EdDSA');
      expect(payload).toMatchObject({
        sub: id,
        ext: extension,
        name: 'Ada & Söhne',
        call_sid: call.requests[0]?.params.CallSid,
        amr: ['pin'],
        auth_time: now,
        iat: now,
        exp: now + 60,
      });
      expect(payload.jti).toMatch(/^[\w-]{22}$/);
    });
  });
}
