import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, test } from 'vitest';
import { sendWebhook, WebhookError } from '../../src/phone/webhook-client.ts';
import { startService } from './service.ts';

const authToken = 'a-token-of-the-tests';

describe('sending a webhook', () => {
  test('posts a form, signed over the public URL', async () => {
    const service = await startService({ '/voice': '' });
    const params = { From: '+15551230001', Digits: '47 & 11' };
    const signUrl = 'https://pin.example.org/voice';
    const answer = await sendWebhook({ url: `${service.url}/voice`, signUrl, params, authToken });

    const [request] = service.received;
    expect(answer).toMatchObject({ status: 200, body: '<Response></Response>' });
    expect(answer.headers.get('content-type')).toContain('text/xml');
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(request?.form ?? [])).toEqual(params);
    expect(request?.headers['x-twilio-signature']).toBe(
      getExpectedTwilioSignature(authToken, signUrl, params),
    );
    expect(request?.headers.connection).toBe('close');
    expect(answer.signature).toBe(request?.headers['x-twilio-signature']);
  });

  test('signs its own URL when no other is given', async () => {
    const service = await startService({ '/voice': '' });
    const url = `${service.url}/voice`;
    const { signature } = await sendWebhook({ url, params: { A: '1' }, authToken });
    expect(signature).toBe(getExpectedTwilioSignature(authToken, url, { A: '1' }));
  });

  test('puts the parameters of a GET into the signed URL', async () => {
    const service = await startService({ '/voice': '' });
    const { signature } = await sendWebhook({
      url: `${service.url}/voice?step=2`,
      signUrl: 'https://pin.example.org/voice?step=2',
      method: 'GET',
      params: { Digits: '47' },
      authToken,
    });
    expect(service.received[0]).toMatchObject({ method: 'GET', path: '/voice?step=2&Digits=47' });
    expect(signature).toBe(
      getExpectedTwilioSignature(authToken, 'https://pin.example.org/voice?step=2&Digits=47', {}),
    );
  });

  test('can repeat a parameter, leave the signature out, and send a body that was not signed', async () => {
    const service = await startService({ '/voice': '' });
    const common = { url: `${service.url}/voice`, authToken };
    await sendWebhook({ ...common, params: { Digits: ['1', '2'] } });
    await sendWebhook({ ...common, params: {}, signature: null });
    await sendWebhook({
      ...common,
      params: { Digits: '12' },
      body: '{"Digits1":"2"}',
      contentType: 'text/json',
    });

    const [doubled, unsigned, other] = service.received;
    expect(doubled?.form.getAll('Digits')).toEqual(['1', '2']);
    expect(unsigned?.headers).not.toHaveProperty('x-twilio-signature');
    expect(other?.headers).toMatchObject({
      'content-type': 'text/json',
      'x-twilio-signature': getExpectedTwilioSignature(authToken, common.url, { Digits: '12' }),
    });
    expect([...(other?.form.keys() ?? [])]).toEqual(['{"Digits1":"2"}']);
  });

  test('returns errors and redirects as they are', async () => {
    const service = await startService({
      '/moved': { status: 302, location: '/other', body: '' },
      '/other': '',
    });
    const common = { params: {}, authToken };
    expect(await sendWebhook({ ...common, url: `${service.url}/moved` })).toMatchObject({ status: 302 });
    expect(await sendWebhook({ ...common, url: `${service.url}/lost` })).toMatchObject({ status: 404 });
  });

  test('throws when nobody answers, or not in time', async () => {
    const service = await startService({ '/slow': null });
    const common = { params: {}, authToken };
    const slow = sendWebhook({ ...common, url: `${service.url}/slow`, timeoutMs: 20 });
    await expect(slow).rejects.toThrow(new WebhookError('no answer within 0.02 s'));
    const refused = sendWebhook({ ...common, url: 'http://127.0.0.1:1/voice' });
    await expect(refused).rejects.toThrow(WebhookError);
  });
});
