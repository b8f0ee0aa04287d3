import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Caller,
  type Key,
  type LineEvent,
  type Next,
  playDocument,
} from '../../src/phone/interpreter.ts';
import { parseTwiml } from '../../src/phone/twiml.ts';

const documentUrl = 'https://pin.example.org/voice/start?step=1';

/** Plays verbs to a caller who does `actions` in order and then stays silent. */
async function play(verbs: string, actions: readonly (Key | 'silence')[] = []) {
  const events: LineEvent[] = [];
  const timeouts: number[] = [];
  const left = [...actions];
  const caller: Caller = {
    hungUp: new AbortController().signal,
    hear(event) {
      events.push(event);
    },
    async nextKey(timeoutMs) {
      timeouts.push(timeoutMs);
      return left.shift() ?? 'silence';
    },
  };
  const next: Next = await playDocument(parseTwiml(`<Response>${verbs}</Response>`), documentUrl, caller);
  return { next, events, timeouts, left };
}

const keyed = (digits: string, finishedOnKey = '') => ({
  kind: 'request',
  url: documentUrl,
  method: 'POST',
  params: { msg: 'Gather End', Digits: digits, FinishedOnKey: finishedOnKey },
});
const atEnd = { kind: 'end', end: { by: 'document' } };
const keys = (text: string) => [...text] as Key[];

describe('Gather', () => {
  test('ends an entry at the finishing key, which is not part of it', async () => {
    expect((await play('<Gather/>', keys('4711#'))).next).toEqual(keyed('4711', '#'));
    expect((await play('<Gather finishOnKey="*"/>', keys('47#*'))).next).toEqual(keyed('47#', '*'));
  });

  test('ends an entry with the last of numDigits keys', async () => {
    const { next, left } = await play('<Gather numDigits="2"/>', keys('123'));
    expect(next).toEqual(keyed('12'));
    expect(left).toEqual(['3']);
  });

  test('ends an entry after the timeout without another key', async () => {
    const { next, timeouts } = await play('<Gather timeout="10"/>', ['4', '7', 'silence']);
    expect(next).toEqual(keyed('47'));
    expect(timeouts).toEqual([10_000, 10_000, 10_000]);
  });

  test('waits five seconds unless told otherwise', async () => {
    expect((await play('<Gather/>')).timeouts).toEqual([5000]);
  });

  test('takes every key as a digit with an empty finishOnKey', async () => {
    expect((await play('<Gather finishOnKey=""/>', keys('1#*2'))).next).toEqual(keyed('1#*2'));
  });

  test('falls through to the next verb when nothing was keyed', async () => {
    const { next, events } = await play('<Gather/><Say>Nothing heard.</Say>');
    expect(next).toEqual(atEnd);
    expect(events).toMatchObject([{ kind: 'say', text: 'Nothing heard.' }]);
  });

  test('falls through when only the finishing key was pressed', async () => {
    expect((await play('<Gather/>', ['#'])).next).toEqual(atEnd);
  });

  test('tells of an empty entry with actionOnEmptyResult', async () => {
    expect((await play('<Gather actionOnEmptyResult="true"/>')).next).toEqual(keyed(''));
    expect((await play('<Gather actionOnEmptyResult="true"/>', ['#'])).next).toEqual(keyed('', '#'));
    expect((await play('<Gather actionOnEmptyResult="false"/>')).next).toEqual(atEnd);
  });

  test.each([
    ['pin', 'https://pin.example.org/voice/pin'],
    ['/pin?a=1', 'https://pin.example.org/pin?a=1'],
    ['https://other.example/x', 'https://other.example/x'],
  ])('resolves the action %s against its document', async (action, url) => {
    expect((await play(`<Gather action="${action}"/>`, keys('1#'))).next).toMatchObject({ url });
  });

  test('sends the entry by the given method', async () => {
    expect((await play('<Gather method="GET"/>', keys('1#'))).next).toMatchObject({ method: 'GET' });
  });

  test('speaks what is inside first, and lets keys cut it short unless told not to', async () => {
    const prompts = '<Say>One.</Say><Play>tune.mp3</Play><Pause length="3"/>';
    const { events } = await play(`<Gather>${prompts}</Gather>`);
    expect(events).toMatchObject([
      { kind: 'say', text: 'One.', bargeIn: true },
      { kind: 'play', url: 'https://pin.example.org/voice/tune.mp3', bargeIn: true },
      { kind: 'pause', seconds: 3, bargeIn: true },
    ]);
    const firm = await play(`<Gather bargeIn="false">${prompts}</Gather>`);
    expect(firm.events.map((event) => 'bargeIn' in event && event.bargeIn)).toEqual([false, false, false]);
  });

  test('hears no keys when it listens to speech only', async () => {
    expect((await play('<Gather input="speech"/>', keys('12#'))).next).toEqual(atEnd);
    expect((await play('<Gather input="dtmf speech"/>', keys('12#'))).next).toEqual(keyed('12', '#'));
  });

  test('warns of what the provider would warn of, and goes on with the defaults', async () => {
    const { events, timeouts } = await play(
      '<Gather timeout="soon" numDigits="-1" finishOnKey="##" method="PUT" patience="9"><Hangup/><Say tone="low"/></Gather>',
      keys('12#'),
    );
    const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
    expect(
      warnings.map(
        (warning) => /patience|Hangup|tone|timeout|numDigits|finishOnKey|method/.exec(warning)?.[0],
      ),
    ).toEqual(['patience', 'Hangup', 'tone', 'timeout', 'numDigits', 'finishOnKey', 'method']);
    expect(warnings[0]).toMatch(/^line 1: <Gather> /);
    expect(timeouts).toEqual([5000, 5000, 5000]);
  });

  test('gathers, of any keys, those before the first end of the entry', async () => {
    const key = fc.constantFrom(...keys('0123456789*#'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(key),
        fc.integer({ min: 1, max: 8 }),
        key,
        async (pressed, numDigits, finish) => {
          const { next, left } = await play(
            `<Gather numDigits="${numDigits}" finishOnKey="${finish}" actionOnEmptyResult="true"/>`,
            pressed,
          );
          const text = pressed.join('');
          const upToFinish = text.includes(finish) ? text.slice(0, text.indexOf(finish)) : text;
          const digits = upToFinish.slice(0, numDigits);
          const finished = text.includes(finish) && upToFinish.length < numDigits;
          expect(next).toEqual(keyed(digits, finished ? finish : ''));
          expect(left).toEqual(pressed.slice(digits.length + (finished ? 1 : 0)));
        },
      ),
    );
  });
});

describe('other verbs', () => {
  test('Say has a language and a voice, and waits for its end', async () => {
    const { events } = await play(
      '<Say language="de-DE" voice="Polly.Vicki" loop="2">Guten <emphasis>Tag</emphasis></Say><Say>Hi</Say>',
    );
    expect(events).toEqual([
      { kind: 'say', text: 'Guten Tag', language: 'de-DE', voice: 'Polly.Vicki', loop: 2, bargeIn: false },
      { kind: 'say', text: 'Hi', language: 'en-US', voice: null, loop: 1, bargeIn: false },
    ]);
  });

  test('Play is heard, as a recording or as tones', async () => {
    const { events } = await play('<Play loop="3">/a.mp3</Play><Play digits="1w2"/>');
    expect(events).toMatchObject([
      { kind: 'play', url: 'https://pin.example.org/a.mp3', loop: 3 },
      { kind: 'play', url: 'tones', loop: 1 },
    ]);
  });

  test('Pause lasts a second, or as long as it says', async () => {
    const { events } = await play('<Pause/><Pause length="7"/>');
    expect(events).toMatchObject([
      { kind: 'pause', seconds: 1 },
      { kind: 'pause', seconds: 7 },
    ]);
  });

  test('Redirect leaves the document for another', async () => {
    const { next, events } = await play('<Redirect>\n ../next \n</Redirect><Say>Never said.</Say>');
    expect(next).toEqual({
      kind: 'request',
      url: 'https://pin.example.org/next',
      method: 'POST',
      params: {},
    });
    expect(events).toEqual([]);
    expect((await play('<Redirect method="GET"/>')).next).toMatchObject({ url: documentUrl, method: 'GET' });
  });

  test('Hangup and Reject end the call', async () => {
    const hangup = await play('<Hangup/><Say>Never said.</Say>');
    expect(hangup).toMatchObject({ next: atEnd, events: [] });
    expect((await play('<Reject/>')).next).toEqual({
      kind: 'end',
      end: { by: 'reject', reason: 'rejected' },
    });
    expect((await play('<Reject reason="busy"/>')).next).toMatchObject({ end: { reason: 'busy' } });
  });

  test('Dial is noted; then the document goes on, or its action is asked', async () => {
    const { next, events } = await play('<Dial><Number>+15550102222</Number></Dial><Say>Back again.</Say>');
    expect(next).toEqual(atEnd);
    expect(events).toMatchObject([{ kind: 'dial', target: '+15550102222' }, { text: 'Back again.' }]);
    expect((await play('<Dial action="/dialled" callerId="x">+1</Dial>')).next).toEqual({
      kind: 'request',
      url: 'https://pin.example.org/dialled',
      method: 'POST',
      params: { DialCallStatus: 'completed', DialCallDuration: '0' },
    });
  });

  test('unknown verbs and attributes are passed over with a warning', async () => {
    const { next, events } = await play('<say>Hi</say>\n<constructor/><Say tone="low">Hello</Say>');
    expect(next).toEqual(atEnd);
    expect(events).toMatchObject([
      { kind: 'warning', message: expect.stringMatching(/^line 1: <say> is not a verb/) },
      { kind: 'warning', message: expect.stringMatching(/^line 2: <constructor> is not a verb/) },
      { kind: 'warning', message: expect.stringContaining('"tone"') },
      { kind: 'say', text: 'Hello' },
    ]);
  });

  test('nothing more is played to a caller who has hung up', async () => {
    const receiver = new AbortController();
    const heard: string[] = [];
    const caller: Caller = {
      hungUp: receiver.signal,
      hear(event) {
        if (event.kind === 'say') heard.push(event.text);
        if (heard.length === 1) receiver.abort();
      },
      nextKey: () => Promise.reject(new Error('nobody is there to press a key')),
    };
    const end = { kind: 'end', end: { by: 'caller' } };
    for (const verbs of [
      '<Say>1</Say><Say>2</Say>',
      '<Gather><Say>1</Say><Say>2</Say></Gather>',
      '<Gather><Say>1</Say></Gather>',
    ]) {
      heard.length = 0;
      expect(await playDocument(parseTwiml(`<Response>${verbs}</Response>`), documentUrl, caller)).toEqual(
        end,
      );
      expect(heard).toEqual(['1']);
    }
  });
});
