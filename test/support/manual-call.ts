/**
 * A call made by hand, webhook by webhook, so that each may go to another process, or several at once.
 */
import { randomBytes } from 'node:crypto';
import { sendWebhook, type WebhookAnswer } from '../../src/phone/webhook-client.ts';

export interface ManualCall {
  /** The call comes in. */
  start(url: string): Promise<WebhookAnswer>;
  /** Keys digits where the last answer asked for them. */
  key(url: string, digits: string): Promise<WebhookAnswer>;
}

/** @param publicOrigin what the service calls itself. @param authToken what the provider signs with; asked for at each webhook. */
export function manualCall(
  publicOrigin: string,
  authToken: string | (() => string),
  from = '+15551270001',
): ManualCall {
  const params = { CallSid: `CA${randomBytes(16).toString('hex')}`, From: from, CallStatus: 'in-progress' };
  let action = '';

  async function send(
    url: string,
    path: string,
    more: Readonly<Record<string, string>>,
  ): Promise<WebhookAnswer> {
    const answer = await sendWebhook({
      url: url + path,
      signUrl: publicOrigin + path,
      authToken: typeof authToken === 'string' ? authToken : authToken(),
      params: { ...params, ...more },
    });
    const next = /action="([^"]+)"/.exec(answer.body)?.[1];
    if (next !== undefined) action = new URL(next).pathname;
    return answer;
  }

  return {
    start: (url) => send(url, '/voice', {}),
    key: (url, digits) => send(url, action, { Digits: digits }),
  };
}
