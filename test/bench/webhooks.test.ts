import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../bench/frame/connection.ts';
import { createWebhookRequests } from '../../bench/frame/webhooks.ts';

const publicUrl = 'https://pin.example.com';
const authToken = '0123456789abcdef0123456789abcdef';
const callSid = `CA${'a'.repeat(32)}`;

describe.each([undefined, '596183'])('a webhook with digits %s', (digits) => {
  const path = digits === undefined ? '/voice' : '/voice/steps/some-step/keys';
  const request = createWebhookRequests({ publicUrl, authToken })({
    path,
    callSid,
    from: '+15105000001',
    ...(digits === undefined ? {} : { digits }),
  });
  const [head = '', body = ''] = request.split('\r\n\r\n');
  const params = Object.fromEntries(new URLSearchParams(body));

  it('is a whole request', () => {
    expect(head).toMatch(new RegExp(`^POST ${path} HTTP/1.1\r\nHost: pin.example.com\r\n`));
    expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}`);
    expect(params).toMatchObject({ CallSid: callSid, From: '+15105000001', Caller: '+15105000001' });
    expect(params.Digits).toBe(digits);
  });

  it("has a signature that the provider's own library takes", () => {
    const signature = /\r\nX-Twilio-Signature: (\S+)/.exec(head)?.[1] ?? '';
    expect(validateRequest(authToken, signature, publicUrl + path, params)).toBe(true);
    expect(validateRequest(authToken, signature, publicUrl + path, { ...params, From: '+1' })).toBe(false);
  });
});

describe('an answer', () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n<Response/>';

  it('is read once it is whole', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseAnswer(whole.slice(0, length))).toBeNull();
    }
    expect(parseAnswer(whole)).toEqual({ status: 200, body: '<Response/>' });
  });

  it('may come in chunks', () => {
    const chunked =
      'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<Respo\r\n5\r\nnse/>\r\n0\r\n\r\n';
    for (let length = 0; length < chunked.length; length += 1) {
      expect(parseAnswer(chunked.slice(0, length))).toBeNull();
    }
    expect(parseAnswer(chunked)).toEqual({ status: 201, body: '<Response/>' });
  });

  it('must say how long it is', () => {
    expect(() => parseAnswer('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')).toThrow('without a length');
  });
});
