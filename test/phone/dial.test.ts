import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, test } from 'vitest';
import { dial } from '../../src/phone/dial.ts';
import { sendWebhook } from '../../src/phone/webhook-client.ts';
import { startService } from './service.ts';

const authToken = 'a-token-of-the-tests';
const ask = '<Gather action="/voice/pin"><Say>Enter your PIN, then pound.</Say></Gather>';

describe('a dialled call', () => {
  test('starts with a signed webhook of the documented parameters', async () => {
    const service = await startService({ '/voice': '<Say>Hello.</Say>' });
    await dial({ url: service.url, publicUrl: 'https://pin.example.org', authToken, from: '+15551230009' });

    const first = service.received[0];
    const form = Object.fromEntries(first?.form ?? []);
    expect(first).toMatchObject({ method: 'POST', path: '/voice' });
    expect(form).toMatchObject({
      From: '+15551230009',
      Caller: '+15551230009',
      To: '+15550100000',
      Called: '+15550100000',
      Direction: 'inbound',
      CallStatus: 'ringing',
      ApiVersion: '2010-04-01',
      CallSid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
      AccountSid: expect.stringMatching(/^AC[0-9a-f]{32}$/),
    });
    expect(first?.headers['x-twilio-signature']).toBe(
      getExpectedTwilioSignature(authToken, 'https://pin.example.org/voice', form),
    );
  });

  test('hears, presses keys, and hears what follows', async () => {
    const service = await startService({ '/voice': ask, '/voice/pin': '<Say>Thank you.</Say><Hangup/>' });
    const call = await dial({ url: service.url, authToken });
    expect(call.heard()).toBe('Enter your PIN, then pound.');
    expect(call.ended).toBeNull();

    await call.press('4711#');
    expect(call.heard()).toBe('Thank you.');
    expect(call.ended).toEqual({ by: 'document' });
    expect(call.problems).toEqual([]);
    expect(call.requests.map(({ signUrl }) => new URL(signUrl).pathname)).toEqual([
      '/voice',
      '/voice/pin',
      '/voice/status',
    ]);
    expect(call.requests[1]?.params).toMatchObject({ Digits: '4711', CallStatus: 'in-progress' });
  });

  test('keeps keys for the next question', async () => {
    const service = await startService({ '/voice': ask, '/voice/pin': ask });
    const call = await dial({ url: service.url, authToken });
    await call.press('1#22#');
    expect(call.requests.map(({ params }) => params.Digits)).toEqual([undefined, '1', '22']);
    expect(call.heard()).toBe('Enter your PIN, then pound.');
    await call.hangUp();
  });

  test('hears nothing while it is still keying', async () => {
    const service = await startService({ '/voice': ask, '/voice/pin': '<Say>Thank you.</Say>' });
    const call = await dial({ url: service.url, authToken });
    await call.press('47');
    expect(call.heard()).toBe('');
    await call.press('11#');
    expect(call.requests[1]?.params.Digits).toBe('4711');
  });

  test('stays silent, or presses nothing but pound, until the service gives up', async () => {
    const service = await startService({ '/voice': `${ask}<Say>I did not hear you.</Say>` });
    let keys = 0;
    const onKey = () => {
      keys += 1;
    };
    const call = await dial({ url: service.url, authToken, onKey });
    await call.press('#');
    expect(keys).toBe(1);
    expect(call.heard()).toBe('I did not hear you.');

    const silent = await dial({ url: service.url, authToken, onKey });
    await silent.wait();
    expect(keys).toBe(1);
    expect(silent.heard()).toBe('I did not hear you.');
    expect(call.ended).toEqual({ by: 'document' });
  });

  test('hangs up, once, and the service is told how long the call was', async () => {
    const service = await startService({ '/voice': ask, '/voice/status': '' });
    let now = 1_000_000;
    const call = await dial({ url: service.url, authToken, now: () => now });
    now += 61_400;
    await call.hangUp();
    await call.hangUp();
    expect(call.ended).toEqual({ by: 'caller' });
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/status']);
    const status = service.received[1];
    const form = Object.fromEntries(status?.form ?? []);
    expect(form).toMatchObject({
      CallStatus: 'completed',
      CallDuration: '62',
      Duration: '2',
      Timestamp: 'Thu, 01 Jan 1970 00:17:41 +0000',
    });
    expect(status?.headers['x-twilio-signature']).toBe(
      getExpectedTwilioSignature(authToken, `${service.url}/voice/status`, form),
    );
  });

  test('can not be spoken to after its end, nor with keys that no telephone has', async () => {
    const service = await startService({ '/voice': ask });
    const call = await dial({ url: service.url, authToken });
    await expect(call.press('12a')).rejects.toThrow('"a" is not a key');
    await expect(call.press('')).rejects.toThrow('no key');
    await call.hangUp();
    await expect(call.press('1')).rejects.toThrow('the call is over');
    await expect(call.wait()).rejects.toThrow('the call is over');
  });

  test('gives its requests to be sent again, as they were or altered', async () => {
    const service = await startService({ '/voice': ask, '/voice/pin': ask });
    const call = await dial({ url: service.url, publicUrl: 'https://pin.example.org', authToken });
    await call.press('4711#');
    await call.hangUp();
    const [, step] = call.requests;
    if (step === undefined) throw new Error('no second request');

    const answer = await sendWebhook({ ...step, authToken });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('Enter your PIN') });
    await sendWebhook({ ...step, authToken, params: { ...step.params, Digits: '0000' } });

    const [original, again, altered] = service.received.filter(({ path }) => path === '/voice/pin');
    expect(again).toMatchObject({ form: original?.form });
    expect(again?.headers['x-twilio-signature']).toBe(step.answer?.signature);
    expect(altered?.form.get('Digits')).toBe('0000');
    expect(altered?.headers['x-twilio-signature']).not.toBe(step.answer?.signature);
  });
});
