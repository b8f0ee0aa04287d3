import { describe, expect, test } from 'vitest';
import { type CallEvent, placeCall } from '../../src/phone/call.ts';
import { dial } from '../../src/phone/dial.ts';
import { type Page, startService } from './service.ts';

const authToken = 'a-token-of-the-tests';
const apology = 'An application error has occurred. Goodbye.';
const ask = '<Gather><Say>A key, please.</Say></Gather>';

const errorsIn = (transcript: readonly CallEvent[]) =>
  transcript.flatMap((event) => (event.kind === 'error' ? [{ code: event.code, url: event.url }] : []));

describe('following documents', () => {
  test('redirects are requested in turn, by their method, and URLs are relative to the document', async () => {
    const service = await startService({
      '/voice': '<Redirect>/voice/menu/start</Redirect>',
      '/voice/menu/start': '<Redirect method="GET">next?step=2</Redirect>',
      '/voice/menu/next': '<Say>Arrived.</Say>',
    });
    const call = await dial({ url: service.url, authToken });
    expect(call.heard()).toBe('Arrived.');
    expect(service.received.map(({ method, path }) => `${method} ${path.split('&')[0]}`)).toEqual([
      'POST /voice',
      'POST /voice/menu/start',
      'GET /voice/menu/next?step=2',
      'POST /voice/status',
    ]);
  });

  test('the public URL stands for the service, with or without a path and however it is spelled', async () => {
    const service = await startService({
      '/voice': '<Redirect>https://pin.example.org/ringkey/voice/a</Redirect>',
      '/voice/a': '<Say>Here.</Say>',
    });
    const publicUrl = 'https://PIN.example.org:443/ringkey/';
    const call = await dial({ url: `${service.url}/`, publicUrl, authToken });
    expect(call.heard()).toBe('Here.');
    expect(call.requests.map(({ signUrl }) => signUrl)).toEqual([
      'https://pin.example.org/ringkey/voice',
      'https://pin.example.org/ringkey/voice/a',
      'https://pin.example.org/ringkey/voice/status',
    ]);
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/a', '/voice/status']);
  });

  test('the call keeps its identity and numbers; it rings at first, then is in progress', async () => {
    const service = await startService({ '/voice': '<Redirect>/voice/a</Redirect>', '/voice/a': '' });
    const callSid = `CA${'0123456789abcdef'.repeat(2)}`;
    const accountSid = `AC${'f'.repeat(32)}`;
    await dial({
      url: service.url,
      authToken,
      callSid,
      accountSid,
      from: '+15551110000',
      to: '+15552220000',
    });
    const forms = service.received.map(({ form }) => Object.fromEntries(form));
    expect(forms.map((form) => form.CallStatus)).toEqual(['ringing', 'in-progress', 'completed']);
    for (const form of forms) {
      expect(form).toMatchObject({
        CallSid: callSid,
        AccountSid: accountSid,
        From: '+15551110000',
        To: '+15552220000',
        CallerCountry: '',
      });
    }
  });

  test('two calls are two calls', async () => {
    const service = await startService({ '/voice': '' });
    await dial({ url: service.url, authToken });
    await dial({ url: service.url, authToken });
    const sids = service.received.map(({ form }) => form.get('CallSid'));
    expect(new Set(sids).size).toBe(2);
  });

  test('nothing is played to a caller who hung up while the service was thinking', async () => {
    const service = await startService({ '/voice': '<Say>Too late.</Say>' });
    const receiver = new AbortController();
    const heard: string[] = [];
    const end = await placeCall(
      { url: service.url, authToken },
      {
        hungUp: receiver.signal,
        hear(event) {
          heard.push(event.kind);
          receiver.abort();
        },
        nextKey: async () => 'silence',
      },
    );
    expect(end).toEqual({ by: 'caller' });
    expect(heard).toEqual(['request', 'request']);
  });

  test('documents that redirect for ever end the call', async () => {
    const service = await startService({ '/voice': '<Redirect/>' });
    const call = await dial({ url: service.url, authToken });
    expect(call.ended).toMatchObject({ by: 'error', code: 11215 });
    expect(call.requests).toHaveLength(501);
  });
});

describe('a service that fails', () => {
  const failures: readonly [string, Page, number][] = [
    ['answers with an error', { status: 500, body: '<Response/>' }, 11200],
    ['redirects by HTTP', { status: 302, body: '' }, 11200],
    ['answers with another content type', { type: 'application/json', body: '<Response/>' }, 12300],
    ['answers with malformed TwiML', { body: '<Response><Say></Response>' }, 12100],
    ['answers with something else', { body: '<html/>' }, 12102],
    ['answers with too much', `<Say>${'a'.repeat(65_536)}</Say>`, 11750],
    ['does not answer in time', null, 11205],
  ];

  test.each(failures)('that %s is passed over for the fallback URL', async (_, page, code) => {
    const service = await startService({
      '/voice': page,
      '/voice/fallback': '<Say>Please call later.</Say>',
      '/voice/status': '',
    });
    const call = await dial({ url: service.url, authToken, timeoutMs: 100 });
    const url = `${service.url}/voice`;
    expect(call.heard()).toBe('Please call later.');
    expect(call.ended).toEqual({ by: 'document' });
    expect(errorsIn(call.transcript)).toEqual([{ code, url }]);
    expect(call.problems).toHaveLength(1);
    const fallback = service.received.find(({ path }) => path === '/voice/fallback');
    expect(Object.fromEntries(fallback?.form ?? [])).toMatchObject({
      ErrorCode: String(code),
      ErrorUrl: url,
      CallStatus: 'in-progress',
    });
  });

  test('with its fallback is apologised for, and still told of the end', async () => {
    const service = await startService({ '/voice': { status: 500, body: '' } });
    const call = await dial({ url: service.url, authToken });
    expect(call.heard()).toBe(apology);
    expect(call.ended).toMatchObject({ by: 'error', code: 11200 });
    expect(errorsIn(call.transcript).map(({ url }) => new URL(url).pathname)).toEqual([
      '/voice',
      '/voice/fallback',
    ]);
    expect(service.received.at(-1)?.form.get('CallStatus')).toBe('completed');
  });

  test('has no second chance where there is no fallback URL', async () => {
    const service = await startService({ '/voice': { status: 500, body: '' }, '/voice/fallback': ask });
    const call = await dial({ url: service.url, authToken, fallback: false });
    expect(call.heard()).toBe(apology);
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/status']);
  });

  test('in the middle of a call is passed over, too, and the call goes on from the fallback', async () => {
    const service = await startService({
      '/voice': '<Gather action="/voice/pin"/>',
      '/voice/pin': { status: 503, body: '' },
      '/voice/fallback': '<Gather action="again"/>',
      '/voice/again': '<Say>Back.</Say>',
    });
    const call = await dial({ url: service.url, authToken });
    await call.press('1#2#');
    expect(call.heard()).toBe('Back.');
  });

  test('that is not there at all is an error, not an exception', async () => {
    const call = await dial({ url: 'http://127.0.0.1:1', authToken });
    expect(call.ended).toMatchObject({ by: 'error', code: 11205 });
    expect(call.requests[0]).toMatchObject({ answer: null, failure: expect.any(String) });
  });

  test.each(['text/xml', 'application/xml; charset=utf-8', 'text/html'])('may answer as %s', async (type) => {
    const service = await startService({ '/voice': { type, body: '<Response/>' } });
    expect((await dial({ url: service.url, authToken })).problems).toEqual([]);
  });
});

describe('handing over to another origin', () => {
  test('is followed by a signed webhook, and the call goes on there', async () => {
    const application = await startService({ '/app': '<Say>Welcome back.</Say>' });
    const service = await startService({
      '/voice': `<Redirect>${application.url}/app?assertion=x.y</Redirect>`,
    });
    const call = await dial({ url: service.url, authToken });
    expect(call.heard()).toBe('Welcome back.');
    expect(application.received[0]).toMatchObject({ method: 'POST', path: '/app?assertion=x.y' });
    expect(application.received[0]?.headers['x-twilio-signature']).toBe(call.requests[1]?.answer?.signature);
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/status']);
  });

  test('ends the call where no TwiML is answered, without the fallback', async () => {
    const application = await startService({});
    const url = `${application.url}/app`;
    const service = await startService({ '/voice': `<Redirect>${url}</Redirect>` });
    const call = await dial({ url: service.url, authToken });
    expect(call.ended).toEqual({ by: 'redirect', url, note: "the answer's status is 404" });
    expect(call.problems).toEqual([]);
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/status']);
  });

  test('ends the call, unrequested, where the telephone stays at home', async () => {
    const application = await startService({ '/app': '' });
    const url = `${application.url}/app`;
    const service = await startService({ '/voice': `<Redirect>${url}</Redirect>` });
    const call = await dial({ url: service.url, authToken, followElsewhere: false });
    expect(call.ended).toEqual({ by: 'redirect', url, note: 'not followed' });
    expect(application.received).toEqual([]);
  });

  test('begins at an application under the same origin, too', async () => {
    const url = '/app/calls?assertion=x';
    const service = await startService({ '/voice': `<Redirect>${url}</Redirect>`, '/app/calls': '' });
    const applicationUrl = `${service.url}/app/calls`;
    const call = await dial({ url: service.url, authToken, followElsewhere: false, applicationUrl });
    expect(call.ended).toEqual({ by: 'redirect', url: service.url + url, note: 'not followed' });
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/status']);
  });

  test('begins where an origin only looks like the service', async () => {
    const service = await startService({
      '/voice': '<Redirect>https://pin.example.org.example.net/</Redirect>',
    });
    const publicUrl = 'https://pin.example.org';
    const call = await dial({ url: service.url, publicUrl, authToken, followElsewhere: false });
    expect(call.ended).toMatchObject({ by: 'redirect', url: 'https://pin.example.org.example.net/' });
  });
});

describe('the status callback', () => {
  test.each([
    ['<Reject reason="busy"/>', 'busy', '0'],
    ['<Reject/>', 'no-answer', '0'],
    ['<Pause/><Reject reason="busy"/>', 'completed', '5'],
    ['<Say>Hello.</Say>', 'completed', '5'],
  ])('after %s says %s', async (verbs, status, seconds) => {
    const service = await startService({ '/voice': verbs });
    let now = 0;
    await dial({
      url: service.url,
      authToken,
      now: () => now,
      onEvent: () => {
        now = 4200;
      },
    });
    const last = service.received.at(-1);
    expect(last?.path).toBe('/voice/status');
    expect(last?.form.get('CallStatus')).toBe(status);
    expect(last?.form.get('CallDuration')).toBe(seconds);
  });

  test('that fails changes nothing for the caller', async () => {
    const service = await startService({
      '/voice': '<Say>Hello.</Say>',
      '/voice/status': { status: 500, body: '' },
    });
    const call = await dial({ url: service.url, authToken });
    expect(call.ended).toEqual({ by: 'document' });
    expect(call.problems).toEqual([]);
  });
});
