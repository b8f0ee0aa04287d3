import { describe, expect, it } from 'vitest';
import { parseParams, readWebhook } from '../../src/voice/webhook.ts';

const callSid = `CA${'0123456789abcdef'.repeat(2)}`;

describe('parseParams', () => {
  const parse = (body: string) => parseParams(Buffer.from(body));

  it('reads single strings by name, as they were encoded', () => {
    expect(parse('From=%2B15551230000&CallerName=Ada+L%C3%B8v&Empty=&Equal=a=b&SipHeader_X-1=y')).toEqual({
      ok: true,
      params: { From: '+15551230000', CallerName: 'Ada Løv', Empty: '', Equal: 'a=b', 'SipHeader_X-1': 'y' },
    });
  });

  it.each(['a=1&a=2', 'a=%ff', '%c3=1', 'Digits1=234', 'Digits[]=1', '1=2', '=1', '/steps=1', '__proto__=x'])(
    'refuses %s',
    (body) => expect(parse(body).ok).toBe(false),
  );

  it('reads bytes that were not encoded as UTF-8, and refuses what is none', () => {
    expect(parse('CallerName=Løv')).toEqual({ ok: true, params: { CallerName: 'Løv' } });
    for (const body of ['Caller=\xff\xfe', 'Ca\xfcller=1']) {
      expect(parseParams(Buffer.from(body, 'latin1')).ok).toBe(false);
    }
  });

  it('takes names that every object has for names like others', () => {
    expect(parse('constructor=x&valueOf=y')).toMatchObject({ ok: true });
  });
});

describe('readWebhook', () => {
  const read = (params: Readonly<Record<string, string>>) => readWebhook({ CallSid: callSid, ...params });

  it.each([
    callSid,
    '0f8fad5b-d9cb-469f-a165-70867728950e',
    'v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ',
  ])('takes the call id %s', (id) => expect(read({ CallSid: id })?.callSid).toBe(id));

  it.each(['', 'CA1', `${callSid}0`, callSid.toUpperCase(), `${callSid}\n`, 'v3:a/b'])(
    'refuses the call id %j',
    (id) => expect(read({ CallSid: id })).toBeNull(),
  );

  it.each(['12a', '１２', '1 2', '1'.repeat(201)])('refuses the keys %j', (digits) =>
    expect(read({ Digits: digits })).toBeNull(),
  );

  it('takes every key of a telephone, none, and no Digits at all', () => {
    expect(read({ Digits: '0123456789*#' })?.digits).toBe('0123456789*#');
    expect(read({ Digits: '' })?.digits).toBe('');
    expect(read({})?.digits).toBeNull();
  });

  it.each([
    ['+15551230000', '+15551230000'],
    ['SIP:Ada@Example.com', 'sip:ada@example.com'],
    ['client:Ada', 'client:ada'],
    ['+266696687', null],
    ['+7378742833', null],
    ['Anonymous', null],
    ['+0123', null],
    ['', null],
  ])('knows the caller %j as %j', (from, caller) => expect(read({ From: from })?.from).toBe(caller));
});
