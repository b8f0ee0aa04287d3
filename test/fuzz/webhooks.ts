/**
 * Webhooks as nobody should send them, a hundred thousand if wanted: signed and unsigned, whole and broken, in the middle of calls that
 * go on meanwhile. What they are answered with is held to what an answer may be. Which of them may be let in is told by rules that share
 * no code with the service. Whether an answer is good TwiML is told by those of `twiml-rules.ts`, which the service holds the files of its
 * views to as it starts, and no answer.
 */
import { createHmac } from 'node:crypto';
import { twimlMistakes, type ViewKind } from '../../src/voice/twiml-rules.ts';
import { type Random, seededRandom } from '../soak/budget.ts';
import type { TestService } from '../support/service.ts';
import { takeWrongLines } from './afterwards.ts';
import { heldBytes } from './heap.ts';
import { createWire, type WireAnswer, type WireRequest } from './wire.ts';
import { oddText, prototypeNames, textOf } from './words.ts';

/** What a run of many webhooks came to. */
export interface WebhookFindings {
  readonly sent: number;
  /** How many were answered with each status; `none`: the connection broke, which only a broken request may cause. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Each answer that wasn't right, with what was sent; the first twenty. */
  readonly mistakes: readonly string[];
  /** How many were signed as the provider signs, and well-formed. */
  readonly genuine: number;
  /** How many of those may have had a PIN hashed, and how many brought the right PIN of a user. */
  readonly keyed: number;
  readonly rightPins: number;
  /** Bytes held after a fifth of them and after all. */
  readonly heldEarly: number;
  readonly heldLate: number;
}

export interface WebhookFuzz {
  readonly ringkey: TestService;
  /** Users whom the calls are for: their PINs by extension. */
  readonly pins: ReadonlyMap<string, string>;
  readonly count: number;
  readonly seed: number;
}

/** In what was sent and never in an answer or the log. */
const canary = 'qzxfuzzcanary';

/** Calls that go on side by side, each of its own chance. */
const laneCount = 8;

/** One in so many requests begins a call of somebody who knows extension and PIN: three webhooks with nothing wrong between them. */
const signInEach = 150;

interface Lane {
  readonly random: Random;
  callSid: string;
  /** Paths of the present step; null: no call is on. */
  keysPath: string | null;
  silencePath: string | null;
  /** An earlier step of this or another call. */
  oldPath: string;
}

interface Case extends WireRequest {
  readonly kind: string;
  /** It is what the provider would send, so that anything but TwiML is a mistake. */
  readonly mustPass?: true;
}

const formType = 'application/x-www-form-urlencoded';

const knownNames = [
  'AccountSid',
  'ApiVersion',
  'CallSid',
  'CallStatus',
  'Called',
  'Caller',
  'Digits',
  'Direction',
  'From',
  'FromCity',
  'FinishedOnKey',
  'To',
  'msg',
  'SipHeader_X-Trunk',
  'StirVerstat',
];

const oddNames = [
  ...prototypeNames,
  'Digits[]',
  'Digits[0]',
  'Digits[a][b]',
  'Digits.0',
  'Digits1',
  'digits',
  'DIGITS',
  'Digits ',
  ' Digits',
  'Digits\u0000',
  'Ｄigits',
  'CallSid[]',
  'CallSid[__proto__]',
  '__proto__[Digits]',
  'SipHeader___proto__',
  '',
  '.',
  '[',
  ']',
];

/** Of `prototypeNames`, those that are of the form of the provider's names. */
const addedNames = prototypeNames.filter((name) => name !== '__proto__');

/** Bytes of a body; what is longer is read no further. */
const largestBody = 64 * 1024;

/** One in so many requests is large, or nearly so. */
const largeEach = 100;

/**
 * Sends `count` webhooks, in eight lanes. The same seed sends the same kinds of requests with the same texts; only the names of steps
 * are the service's own.
 */
export async function fuzzWebhooks({ ringkey, pins, count, seed }: WebhookFuzz): Promise<WebhookFindings> {
  const wire = createWire(ringkey.service.url);
  const origin = ringkey.service.publicUrl.origin;
  const authToken = ringkey.secrets.twilioAuthToken;
  const extensions = [...pins.keys()];
  const statuses: Record<string, number> = {};
  const mistakes: string[] = [];
  let [sent, genuine, keyed, rightPins, heldEarly] = [0, 0, 0, 0, 0];

  const signed = (path: string, params: Iterable<readonly [string, string]>, by = authToken) =>
    sign(by, origin + path, params);

  function usualParams({ random, callSid }: Lane): Map<string, string> {
    return new Map([
      ['AccountSid', `AC${'0'.repeat(32)}`],
      ['CallSid', callSid],
      ['CallStatus', random.pick(['in-progress', 'ringing', 'completed'])],
      ['Direction', 'inbound'],
      ['From', random.pick(['+15550100', '+15550101', 'anonymous', 'sip:a@b.example', '+266696687'])],
      ['To', '+15550199'],
    ]);
  }

  function digitsFor({ random }: Lane): string {
    switch (random.below(6)) {
      case 0:
        return textOf(random, '0123456789*#', 0, 200);
      case 1:
        return random.pick(['', '*', '#', '1', '2', '3', '9', '0000', '99999']);
      case 2:
        return textOf(random, '0123456789', 4, 8);
      case 3:
        return pins.get(random.pick(extensions)) ?? '';
      default:
        return random.pick(extensions);
    }
  }

  /** An address of webhooks; of the present step when there is one. */
  function pathFor(lane: Lane): string {
    const { random } = lane;
    if (lane.keysPath === null || lane.silencePath === null) return '/voice';
    return random.pick([
      lane.keysPath,
      lane.keysPath,
      lane.keysPath,
      lane.silencePath,
      lane.oldPath,
      '/voice',
      '/voice/status',
      '/voice/fallback',
    ]);
  }

  function post(
    kind: string,
    path: string,
    body: Buffer,
    signature: string | null,
    more: WireRequest['headers'] = [],
  ): Case {
    const type = more.some(([name]) => name.toLowerCase() === 'content-type');
    return {
      kind,
      method: 'POST',
      path,
      headers: [
        ...(type ? [] : [['Content-Type', formType] as const]),
        ...(signature === null ? [] : [['X-Twilio-Signature', signature] as const]),
        ...more,
      ],
      body,
    };
  }

  /** What the provider sends. */
  function usualCase(lane: Lane): Case {
    const path = pathFor(lane);
    if (path === '/voice') return callCase(lane);
    if (path.endsWith('/keys')) return keysCase(lane, path, digitsFor(lane));
    return asProvider(lane, path, usualParams(lane));
  }

  /** A new call comes in. */
  function callCase(lane: Lane): Case {
    lane.callSid = `CA${textOf(lane.random, '0123456789abcdef', 32, 32)}`;
    return asProvider(lane, '/voice', usualParams(lane));
  }

  function keysCase(lane: Lane, path: string, digits: string): Case {
    return asProvider(lane, path, usualParams(lane).set('Digits', digits));
  }

  /** The provider adds parameters as it likes; one may be called like what every object has. */
  function asProvider({ random }: Lane, path: string, params: Map<string, string>): Case {
    if (random.below(8) === 0) params.set(random.pick(addedNames), random.pick(['', '1', 'true']));
    return { ...post('usual', path, encodeForm(params), signed(path, params)), mustPass: true };
  }

  /** Signed, and well-formed as a form, with anything in it. */
  function oddParamsCase(lane: Lane): Case {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane);
    if (random.below(2) === 0) params.set('Digits', digitsFor(lane));
    const changes = 1 + random.below(4);
    for (let n = 0; n < changes; n += 1) {
      const name = random.pick([...knownNames, ...oddNames, oddText(random, 12)]);
      const value = random.pick([canary, oddText(random), oddText(random), digitsFor(lane)]);
      if (random.below(6) === 0) params.delete(random.pick(knownNames));
      else params.set(name, value);
    }
    return post('odd parameters', path, encodeForm(params), signed(path, params));
  }

  /** Signed, with a great number of parameters, or with long ones: up to a bit more than is taken. */
  function largeCase(lane: Lane): Case {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane);
    const size = random.pick([1000, 30_000, 65_000, 65_536, 70_000, 200_000]);
    if (random.below(2) === 0) params.set(random.pick(knownNames), 'x'.repeat(size));
    else {
      for (let n = 0; n < size / 5; n += 1) {
        params.set(`p${n.toString(36).replace(/\d/g, (digit) => 'ABCDEFGHIJ'[Number(digit)] ?? '')}`, '1');
      }
    }
    return post('large', path, encodeForm(params), signed(path, params));
  }

  /** Pairs that a form may not hold, signed as each way to read them would have it. */
  function brokenFormCase(lane: Lane): Case {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane);
    const digits = digitsFor(lane);
    const piece = random.pick([
      `Digits=${digits}&Digits=${digits}`,
      `Digits=1&Digits=${digits}`,
      `Digits[]=${digits}&Digits[]=${digits}`,
      `CallSid=${lane.callSid}`,
      `Digits=${digits}&CallSid[]=x`,
      `Digits=%`,
      `Digits=%z1`,
      `Digits=%c3%28`,
      `Digits=%ed%a0%80`,
      `Digits=%C0%B1`,
      `Caller=\xff\xfe`,
      `Caller=\xc3\xa9`,
      `Ca\xfcller=1`,
      `%44igits=${digits}`,
      `D%69gits=${digits}&Digits=1`,
      `Digits=${digits};Digits=1`,
      `Digits`,
      `=${digits}`,
      `&&&Digits=${digits}&&`,
      `Digits==${digits}`,
      `?Digits=${digits}`,
      `#Digits=${digits}`,
      `__proto__=${digits}`,
      `__proto__[Digits]=${digits}`,
      `constructor[prototype][Digits]=${digits}`,
      `a${'[b]'.repeat(random.below(2000))}=1`,
      `\r\nDigits=${digits}`,
      `Digits=${digits}\u0000`,
      `Digits=+${digits}`,
      `Digits=${digits}%00`,
    ]);
    const body = Buffer.concat([encodeForm(params), Buffer.from(`&${piece}`, 'latin1')]);
    const read = random.pick([
      () => [...new URLSearchParams(body.toString('latin1'))],
      () => [...new Map(new URLSearchParams(body.toString('utf8')))],
      () => [...params, ['Digits', digits] as const],
      () => [...params],
      () => [...(readForm(body) ?? params)],
    ]);
    return post('broken form', path, body, signed(path, read()));
  }

  /** A request that the provider signed, with the same characters cut anew into address, names and values. */
  function recutCase(lane: Lane): Case {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane).set('Digits', digitsFor(lane));
    const signature = signed(path, params);
    const pairs = [...params].sort(([a], [b]) => (a < b ? -1 : 1));
    const at = random.below(pairs.length - 1);
    const [first, second] = [pairs[at], pairs[at + 1]];
    if (first === undefined || second === undefined) throw new RangeError('There are pairs to cut.');
    const text = first[0] + first[1] + second[0] + second[1];
    switch (random.below(3)) {
      case 0: {
        const cuts = [1, 2, 3].map(() => random.below(text.length + 1)).sort((a, b) => a - b);
        const [a = 0, b = 0, c = 0] = cuts;
        pairs.splice(at, 2, [text.slice(0, a), text.slice(a, b)], [text.slice(b, c), text.slice(c)]);
        return post('re-cut', path, encodeForm(pairs), signature);
      }
      case 1: {
        const cut = random.below(text.length + 1);
        pairs.splice(at, 2, [text.slice(0, cut), text.slice(cut)]);
        return post('re-cut', path, encodeForm(pairs), signature);
      }
      default: {
        const [name, value] = pairs.shift() ?? ['', ''];
        return post('re-cut', path + encodeURI(name + value), encodeForm(pairs), signature);
      }
    }
  }

  /** Whole, but not signed by the provider, or not for this. */
  function forgedCase(lane: Lane): Case {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane).set('Digits', digitsFor(lane));
    const right = signed(path, params);
    const flipped = right.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
    const signature = random.pick<() => string | null>([
      () => null,
      () => '',
      () => ' ',
      () => flipped,
      () => right.slice(0, -1),
      () => `${right}=`,
      () => right.toLowerCase(),
      () => `${right}, ${right}`,
      () => textOf(random, 'ABCDabcd0123+/=', 0, 300),
      () => signed(path, params, ''),
      () => signed(path, params, 'x'.repeat(32)),
      () => signed(`${path}/`, params),
      () => signed(path, [...params].slice(1)),
      () => createHmac('sha256', authToken).update(path).digest('base64'),
      () => Buffer.from(random.pick(['\xff\xfe', 'a\tb']), 'latin1').toString('latin1'),
    ])();
    return post('forged', path, encodeForm(params), signature);
  }

  function oddTypeCase(lane: Lane): Case {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane).set('Digits', digitsFor(lane));
    const form = encodeForm(params);
    const signature = signed(path, params);
    const header = random.pick<readonly (readonly [string, string])[]>([
      [['Content-Type', 'application/json']],
      [['Content-Type', '']],
      [['Content-Type', `${formType}; charset=utf-16`]],
      [['Content-Type', `${formType}; charset=utf-8; x=y`]],
      [['Content-Type', `${formType.toUpperCase()};CHARSET=UTF-8`]],
      [['Content-Type', `${formType}, application/json`]],
      [
        ['Content-Type', formType],
        ['Content-Type', 'application/json'],
      ],
      [['Content-Type', 'multipart/form-data; boundary=x']],
      [['Content-Type', 'text/plain']],
      [['Content-Type', '__proto__']],
      [['Content-Type', `${'a/b; '.repeat(500)}`]],
      [['Content-Encoding', 'gzip']],
      [['Content-Encoding', 'br']],
      [['Content-Encoding', 'identity']],
      [['Content-Encoding', '__proto__']],
      [['Transfer-Encoding', 'chunked']],
      [['Expect', '100-continue']],
      [['X-HTTP-Method-Override', 'DELETE']],
      [['X-Forwarded-Host', `evil.example/${canary}`]],
      [['X-Twilio-Signature', signature]],
      [['Accept-Encoding', '*;q=0']],
      [['Range', 'bytes=0-1']],
      [['If-None-Match', '*']],
    ]);
    return post('odd type', path, form, signature, header);
  }

  /** Another method or address, signed for just that. */
  function oddAddressCase(lane: Lane): Case {
    const { random } = lane;
    const params = usualParams(lane).set('Digits', digitsFor(lane));
    const own = pathFor(lane);
    const path = random.pick([
      `${own}/`,
      `${own}?`,
      `${own}?Digits=1`,
      `/${own}`,
      own.toUpperCase(),
      own.replace('voice', 'v%6fice'),
      own.replace('voice', 'voice/.'),
      own.replace('voice', 'x/../voice'),
      `${own}%00`,
      `${own};x=y`,
      '/voice/steps/%ff/keys',
      '/voice/steps/%/keys',
      '/voice/steps//keys',
      '/voice/steps/__proto__/keys',
      '/voice/steps/..%2f..%2fadmin/keys',
      `/voice/steps/${encodeURIComponent(oddText(random, 20))}/keys`,
      `/voice/steps/${textOf(random, 'abcXYZ019-_', 1, 22)}/silence`,
      `/voice/steps/${'a'.repeat(4000)}/keys`,
      '/voice/steps',
      '/voice/unknown',
      '/voice/status/fallback',
      '/voice\xe9',
      origin + own,
      '/voice#x',
    ]);
    const method = random.pick(['POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']);
    return { ...post('odd address', path, encodeForm(params), signed(path, params)), method };
  }

  /** Bytes that aren't one whole request. */
  function brokenBytes(lane: Lane): { readonly kind: string; readonly bytes: Buffer } {
    const { random } = lane;
    const path = pathFor(lane);
    const params = usualParams(lane).set('Digits', canary);
    const form = encodeForm(params).toString('latin1');
    const head = (lines: readonly string[]) =>
      [`POST ${path} HTTP/1.1`, 'Host: localhost', `Content-Type: ${formType}`, 'Connection: close', ...lines]
        .join('\r\n')
        .concat('\r\n\r\n');
    const text = random.pick([
      () => head([`Content-Length: ${form.length - 5}`]) + form,
      () => head([`Content-Length: ${form.length + 5}`]) + form,
      () => head(['Content-Length: -1']) + form,
      () => head(['Content-Length: 1e3']) + form,
      () => head(['Content-Length: 5', 'Content-Length: 6']) + form,
      () => head(['Content-Length: 99999999999999999999']) + form,
      () =>
        `${head(['Content-Length: 10', 'Transfer-Encoding: chunked'])}5\r\n${form.slice(0, 5)}\r\n0\r\n\r\n`,
      () => `${head(['Transfer-Encoding: chunked'])}zz\r\n${form}`,
      () => `${head(['Transfer-Encoding: chunked'])}5\r\n${form.slice(0, 3)}`,
      () => head(['Transfer-Encoding: x']) + form,
      () => head(['X: \u0000']) + form,
      () => head([`X: ${'x'.repeat(20_000)}`]) + form,
      () => head(Array.from({ length: 3000 }, (_, n) => `X${n}: 1`)) + form,
      () => `POST ${path}\r\n\r\n`,
      () => 'POST /voice HTTP/9.9\r\n\r\n',
      () => `\r\n\r\n${form}`,
      () => textOf(random, '\u0000\r\n :/POST\xffvoice', 1, 400),
    ])();
    return { kind: 'broken bytes', bytes: Buffer.from(text, 'latin1') };
  }

  const makers: readonly (readonly [weight: number, make: (lane: Lane) => Case])[] = [
    [30, usualCase],
    [20, oddParamsCase],
    [15, brokenFormCase],
    [8, recutCase],
    [10, forgedCase],
    [8, oddTypeCase],
    [8, oddAddressCase],
  ];
  const deck = makers.flatMap(([weight, make]) => Array.from({ length: weight }, () => make));

  function note(lane: Lane, { kind, method, path, headers, body }: Case, problem: string): void {
    if (mistakes.length >= 20) return;
    const shown = body.length > 2000 ? `${body.length} bytes` : JSON.stringify(body.toString('latin1'));
    // The signature is one of a token that was made for this test; without it the request can't be repeated.
    mistakes.push(
      `${kind}: ${problem}\n  ${method} ${path} ${JSON.stringify(headers)}\n  ${shown}\n  call ${lane.callSid}`,
    );
  }

  /** Follows the call, so that the next request fits it. */
  function follow(lane: Lane, { body }: WireAnswer): void {
    const action = /action="([^"]+)"/.exec(body)?.[1];
    if (lane.keysPath !== null) lane.oldPath = lane.keysPath;
    if (action === undefined) {
      if (body.includes('<Hangup/>') || body.includes('assertion=')) lane.keysPath = lane.silencePath = null;
      return;
    }
    lane.keysPath = new URL(action).pathname;
    lane.silencePath = lane.keysPath.replace(/keys$/, 'silence');
  }

  /** A whole sign-in. Else hardly any comes about by chance, and what follows one would never be fuzzed. */
  async function signIn(lane: Lane): Promise<void> {
    const extension = lane.random.pick(extensions);
    await sendWhole(lane, callCase(lane));
    for (const digits of [extension, pins.get(extension) ?? '']) {
      if (lane.keysPath !== null) await sendWhole(lane, keysCase(lane, lane.keysPath, digits));
    }
  }

  async function sendOne(lane: Lane): Promise<void> {
    const { random } = lane;
    if (random.below(signInEach) === 0) return signIn(lane);
    if (random.below(100) === 0) {
      sent += 1;
      const { kind, bytes } = brokenBytes(lane);
      const came = await wire.sendBytes(bytes);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(came)?.[1] ?? 'none';
      statuses[status] = (statuses[status] ?? 0) + 1;
      const isFine = ['none', '400', '403', '404', '408', '413', '415', '431'].includes(status);
      if (!isFine || came.includes(canary)) {
        note(
          lane,
          { kind, method: '', path: '', headers: [], body: bytes },
          `answered ${came.slice(0, 300)}`,
        );
      }
      return;
    }
    await sendWhole(lane, random.below(largeEach) === 0 ? largeCase(lane) : random.pick(deck)(lane));
  }

  async function sendWhole(lane: Lane, made: Case): Promise<void> {
    sent += 1;
    const params = genuineParams(made, origin, authToken);
    if (params !== null) {
      genuine += 1;
      const digits = params.get('Digits');
      if (digits !== undefined && made.path.endsWith('/keys')) {
        keyed += 1;
        if ([...pins.values()].includes(digits)) rightPins += 1;
      }
    }
    const answer = await wire.send(made);
    const status = answer === null ? 'none' : String(answer.status);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (answer === null) {
      // Whoever sends more than is taken may be cut off before the answer is read.
      if (made.body.length < largestBody) note(lane, made, 'the connection broke');
      return;
    }
    const problem = mistakeIn(made, answer, params !== null, origin);
    if (problem !== null) note(lane, made, problem);
    if (answer.status === 200) follow(lane, answer);
  }

  /** Says what was logged that shouldn't have been. */
  function readLog(lane: Lane): void {
    for (const line of takeWrongLines(ringkey, canary))
      if (mistakes.length < 20) mistakes.push(`logged: ${line} (call ${lane.callSid})`);
  }

  async function run(lanes: readonly Lane[], until: number): Promise<void> {
    await Promise.all(
      lanes.map(async (lane, index) => {
        while (sent < until) {
          await sendOne(lane);
          if (index === 0 && lane.random.below(20) === 0) {
            ringkey.clock.advance(10_000);
            readLog(lane);
          }
        }
      }),
    );
  }

  const lanes = Array.from(
    { length: laneCount },
    (_, n): Lane => ({
      random: seededRandom(`webhooks ${n}`, seed),
      callSid: `CA${String(n).repeat(32)}`,
      keysPath: null,
      silencePath: null,
      oldPath: '/voice/steps/none/keys',
    }),
  );
  try {
    await run(lanes, Math.ceil(count / 5));
    heldEarly = await heldBytes();
    await run(lanes, count);
    const heldLate = await heldBytes();
    for (const lane of lanes.slice(0, 1)) readLog(lane);
    return { sent, statuses, mistakes, genuine, keyed, rightPins, heldEarly, heldLate };
  } finally {
    wire.close();
  }
}

/** X-Twilio-Signature as the provider's documentation has it: the URL, then each name and value, sorted by name. */
function sign(authToken: string, url: string, params: Iterable<readonly [string, string]>): string {
  const pairs = [...params].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = url + pairs.map(([name, value]) => name + value).join('');
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64');
}

function encodeForm(pairs: Iterable<readonly [string, string]>): Buffer {
  return Buffer.from(
    [...pairs].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
  );
}

/** A form's parameters, each there once and in valid UTF-8; else null. */
function readForm(body: Buffer): Map<string, string> | null {
  const params = new Map<string, string>();
  for (const pair of body.toString('latin1').split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = decode(equals === -1 ? '' : pair.slice(equals + 1));
    if (name === null || value === null || params.has(name)) return null;
    params.set(name, value);
  }
  return params;
}

/** Percent-decodes bytes, and then reads them as UTF-8. */
function decode(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null;
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return null;
  }
}

const webhookPath = /^\/voice(?:\/status|\/fallback|\/steps\/[^/?]+\/(?:keys|silence))?$/;

/** The parameters of a request that the provider may have sent: signed for its address and what is in it, once each. Else null. */
function genuineParams(
  { method, path, headers, body }: WireRequest,
  origin: string,
  authToken: string,
): ReadonlyMap<string, string> | null {
  const all = (wanted: string) =>
    headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const own = path.startsWith(origin) ? path.slice(origin.length) : path;
  const params = readForm(body);
  // Of a header that may be there once, Node's server takes the first.
  const isForm = all('content-type')[0]?.toLowerCase().startsWith(formType) ?? false;
  if (method !== 'POST' || !webhookPath.test(own) || !isForm || params === null) return null;
  // No name that the provider uses has a digit or a bracket: with one, a request could be cut anew out of another.
  if ([...params.keys()].some((name) => !/^(?:SipHeader_[\w-]+|[A-Za-z][A-Za-z_]*)$/.test(name))) return null;
  // The provider may leave the port out of what it signs.
  const { protocol, hostname } = new URL(origin);
  const fitting = [origin, `${protocol}//${hostname}`].map((base) => sign(authToken, base + own, params));
  return all('x-twilio-signature').every((signature) => fitting.includes(signature)) &&
    all('x-twilio-signature').length === 1
    ? params
    : null;
}

const mayBe = [200, 400, 403, 404, 413, 415];

/** What is wrong with an answer, or null. */
function mistakeIn(made: Case, answer: WireAnswer, isGenuine: boolean, origin: string): string | null {
  const { status, headers, body } = answer;
  if (!mayBe.includes(status)) return `answered ${status}: ${body.slice(0, 300)}`;
  if (body.includes(canary)) return `the answer ${status} tells what was sent`;
  if (made.body.length > largestBody && status !== 413) return `answered ${status} to too large a body`;
  if (status !== 200) {
    if (made.mustPass) return `answered ${status}, though it is what the provider sends: ${body}`;
    return mistakeInRefusal(made.method, answer);
  }
  // The service answers OPTIONS by itself, without a body.
  if (made.method === 'OPTIONS') return body === '' || body === 'POST' ? null : `answered ${body}`;
  if (!isGenuine) return `let in: ${body.slice(0, 300)}`;
  if (headers['content-type'] !== 'text/xml; charset=utf-8') return `is ${headers['content-type']}`;
  return mistakeInTwiml(body, origin, made.path);
}

function mistakeInRefusal(method: string, { status, headers, body }: WireAnswer): string | null {
  if (method === 'HEAD') return body === '' ? null : 'HEAD has a body';
  const type = headers['content-type']?.split(';')[0];
  if (type === 'text/plain') {
    return /^[\x20-\x7e]{1,200}\n$/.test(body) ? null : `answered ${status} with ${body.slice(0, 300)}`;
  }
  // Node's parser refuses what is no HTTP before the service hears of it.
  if (status === 400 && type === undefined && body === '') return null;
  if (type !== 'application/problem+json') return `answered ${status} as ${type}`;
  const problem: Record<string, unknown> = JSON.parse(body);
  const isWhole =
    problem.status === status && ['code', 'title', 'detail'].every((key) => typeof problem[key] === 'string');
  return isWhole ? null : `answered ${status} with ${body.slice(0, 300)}`;
}

/** The rules of our own views, held against what was sent: addresses go back to the names that they stand for in a view. */
function mistakeInTwiml(body: string, origin: string, path: string): string | null {
  if (path.endsWith('/status')) return body.includes('<Response/>') ? null : 'status is answered with a view';
  if (body.length > 64_000) return `is ${body.length} characters long`;
  if (/<Dial|<Number|<Sip\b/.test(body)) return 'dials';
  const steps = new Set<string>();
  const view = body
    .replaceAll(
      new RegExp(`${origin.replaceAll('.', '\\.')}/voice/steps/([\\w-]{16,64})/(keys|silence)`, 'g'),
      (_, step: string, kind: string) => {
        steps.add(step);
        return `{{${kind}Url}}`;
      },
    )
    .replace(/https:\/\/app\.example\.com\/calls\?[^<]*assertion=[\w.-]+/, '{{applicationUrl}}');
  const kind: ViewKind = view.includes('numDigits')
    ? 'key'
    : view.includes('<Gather')
      ? 'digits'
      : view.includes('<Hangup')
        ? 'closing'
        : 'handover';
  const problems = twimlMistakes(view, kind).map(({ problem }) => problem);
  if (problems.length > 0) return `${problems.join('; ')}: ${body.slice(0, 1000)}`;
  return steps.size > 1 ? `names ${steps.size} steps` : null;
}
