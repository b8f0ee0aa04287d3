/**
 * Requests to the API made from its own document: as it says, nearly as it says, and wild. Each answer is held to the document as well,
 * by the check that every other test of the API goes through.
 */
import fc from 'fast-check';
import type { ApiDocument, ApiOperation, Schema } from '../../src/admin/openapi.ts';
import { type Random, seededRandom } from '../soak/budget.ts';
import { checkerOf, UndocumentedError } from '../support/documented.ts';
import type { TestService } from '../support/service.ts';
import { takeWrongLines } from './afterwards.ts';
import { heldBytes } from './heap.ts';
import { createWire, type WireAnswer, type WireRequest } from './wire.ts';
import { oddText, prototypeNames, textOf } from './words.ts';

/** What a run of many requests came to. */
export interface ApiFindings {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** How many operations the document has. */
  readonly operations: number;
  /** How many answers each operation gave that weren't problems. */
  readonly succeeded: Readonly<Record<string, number>>;
  /** Each answer that wasn't right, with what was sent; the first twenty. */
  readonly mistakes: readonly string[];
  /** Bytes held after a fifth of them and after all. */
  readonly heldEarly: number;
  readonly heldLate: number;
}

export interface ApiFuzz {
  readonly ringkey: TestService;
  readonly count: number;
  readonly seed: number;
}

/** How far a value may be from what its schema says. */
type Manner = 'fitting' | 'nearly' | 'wild';

interface Target {
  readonly method: string;
  readonly template: string;
  readonly operation: ApiOperation;
}

interface Lane {
  readonly random: Random;
  /** What was made so far, to be named again: identities of users, tokens, names of policies. */
  readonly identities: string[];
  readonly tokens: string[];
  readonly tokenIds: string[];
}

/** Stands in PINs that were sent, and never in an answer or the log. */
const canary = 'qzxfuzzcanary';

const laneCount = 4;

/** Of what was made, so many are named again. */
const remembered = 30;

/** These read or change everybody, so that they take as long as many others. */
const costly = new Set([
  'getUsersExport',
  'getExport',
  'getUsers',
  'getAudit',
  'getAuditVerification',
  'getStatistics',
  'getOpenapiJson',
  'getDocs',
  'postPinsReset',
  'postPinsLock',
  'postPinsUnlock',
  'postPinsExpire',
]);

/** Sends `count` requests in four lanes. */
export async function fuzzApi({ ringkey, count, seed }: ApiFuzz): Promise<ApiFindings> {
  const wire = createWire(ringkey.service.url);
  const told = await fetch(`${ringkey.service.url}/api/v1/openapi.json`);
  const document = (await told.json()) as ApiDocument;
  const check = checkerOf(document);
  const value = valueMaker(document, seed);
  const targets = Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]): Target => ({ method, template, operation })),
  );
  const deck = targets.flatMap((target) =>
    Array.from({ length: costly.has(target.operation.operationId) ? 1 : 8 }, () => target),
  );
  const statuses: Record<string, number> = {};
  const succeeded: Record<string, number> = {};
  const mistakes: string[] = [];
  let [sent, heldEarly] = [0, 0];

  function pathOf({ template, operation }: Target, lane: Lane, manner: Manner): string {
    const { random, identities, tokenIds } = lane;
    return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (manner === 'wild' && random.below(4) === 0) {
        return random.pick(['%', '%ff', '%zz', '..', '.', '%2e%2e%2f', '', 'é', '%00', ...prototypeNames]);
      }
      const known =
        name === 'identity'
          ? identities
          : name === 'id'
            ? tokenIds
            : ['default', 'lync', 'exchange-um', 'night', 'day', 'constructor'];
      if (manner !== 'wild' && known.length > 0 && random.below(8) > 0) {
        return encodeURIComponent(random.pick(known));
      }
      if (manner === 'wild') return encodeURIComponent(oddText(random, random.pick([10, 60, 2000])));
      const schema = operation.parameters?.find((parameter) => parameter.name === name)?.schema ?? {};
      return encodeAny(asText(value(schema, random, manner)));
    });
  }

  function queryOf({ operation }: Target, { random }: Lane, manner: Manner): string {
    const pairs = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && random.below(4) === 0)
      .map(({ name, schema }): [string, string] => [name, asText(value(schema, random, manner))]);
    if (manner !== 'fitting' && random.below(5) === 0) {
      pairs.push([
        random.pick([...prototypeNames, 'limit', 'dryRun[]', oddText(random, 8)]),
        oddText(random),
      ]);
    }
    if (manner !== 'fitting' && random.below(8) === 0 && pairs[0] !== undefined) pairs.push(pairs[0]);
    const query = new URLSearchParams(pairs).toString();
    const broken =
      manner === 'wild' && random.below(6) === 0 ? random.pick(['%', '&&=', '?', '%ff=%fe']) : '';
    return query === '' && broken === '' ? '' : `?${query}${broken}`;
  }

  function headersOf({ operation }: Target, lane: Lane, manner: Manner): [string, string][] {
    const { random, tokens } = lane;
    const own = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'header' && random.below(3) === 0)
      .map(({ name, schema }): [string, string] => {
        const fitting =
          name === 'If-Match' ? random.pick(['*', '"1"', '"2"']) : value(schema, random, manner);
        return [name, toHeader(manner === 'wild' ? oddText(random) : asText(fitting))];
      });
    const wrong = manner === 'wild' && random.below(20) === 0;
    const token =
      tokens.length > 0 && random.below(4) === 0 ? random.pick(tokens) : ringkey.secrets.adminToken;
    const authorization = wrong
      ? random.pick(['Bearer', 'Basic eDp5', 'Bearer  ', `Bearer ${canary}`, toHeader(oddText(random))])
      : `Bearer ${token}`;
    return [['Authorization', authorization], ...own];
  }

  function bodyOf(
    { operation }: Target,
    lane: Lane,
    manner: Manner,
  ): { readonly type: string | null; readonly body: Buffer } {
    const { random } = lane;
    const [declared] = Object.entries(operation.requestBody?.content ?? {});
    if (declared === undefined) {
      return manner === 'wild' && random.below(4) === 0
        ? { type: 'application/json', body: Buffer.from('{"a":1}') }
        : { type: null, body: Buffer.alloc(0) };
    }
    const [type, { schema }] = declared;
    const shown =
      manner === 'wild' && random.below(5) === 0
        ? random.pick([
            'text/plain',
            'application/x-www-form-urlencoded',
            `${type}; charset=utf-16`,
            `${type}; charset=latin1`,
            'application/json; charset=__proto__',
            '__proto__',
            'application/merge-patch+json',
          ])
        : type;
    if (type !== 'application/json') return { type: shown, body: Buffer.from(csv(lane, manner)) };
    if (manner === 'wild' && random.below(2) === 0) {
      return { type: shown, body: Buffer.from(brokenJson(random), 'latin1') };
    }
    const text = JSON.stringify(value(schema, random, manner));
    return { type: shown, body: Buffer.from(text) };
  }

  /** Whatever can be named again, or as whom one may come again. */
  function remember(lane: Lane, { operation }: Target, { body, status }: WireAnswer): void {
    if (status !== 201) return;
    const made: Record<string, unknown> = JSON.parse(body);
    const keep = (list: string[], item: unknown) => {
      if (typeof item !== 'string') return;
      list.push(item);
      if (list.length > remembered) list.shift();
    };
    if (operation.operationId === 'postTokens') {
      keep(lane.tokens, made.token);
      keep(lane.tokenIds, made.id);
    }
    if (operation.operationId === 'postUsers') {
      for (const name of ['id', 'extension', 'email', 'alias', 'dn', 'displayName'])
        keep(lane.identities, made[name]);
    }
  }

  function note(lane: number, request: WireRequest, problem: string): void {
    if (mistakes.length >= 20) return;
    const headers = request.headers.filter(([name]) => name !== 'Authorization');
    const body =
      request.body.length > 3000 ? `${request.body.length} bytes` : request.body.toString('latin1');
    mistakes.push(
      `${problem.slice(0, 1500)}\n  ${request.method} ${request.path.slice(0, 1000)} ${JSON.stringify(headers)} (lane ${lane}, after ${sent})\n  ${body}`,
    );
  }

  async function sendOne(lane: Lane, index: number): Promise<void> {
    const { random } = lane;
    sent += 1;
    const target = random.pick(deck);
    const manner = random.pick<Manner>(['fitting', 'fitting', 'nearly', 'nearly', 'wild']);
    const { type, body } = bodyOf(target, lane, manner);
    const method =
      manner === 'wild' && random.below(10) === 0
        ? random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
        : target.method.toUpperCase();
    const path = pathOf(target, lane, manner) + queryOf(target, lane, manner);
    const request: WireRequest = {
      method,
      path: `/api/v1${path}`,
      headers: [
        ...headersOf(target, lane, manner),
        ...(type === null ? [] : [['Content-Type', type] as const]),
      ],
      body,
    };
    const answer = await wire.send(request);
    const status = String(answer?.status ?? 'none');
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (answer === null) {
      note(index, request, 'the connection broke');
      return;
    }
    const problem = mistakeIn(request, path, answer, check);
    if (problem !== null) note(index, request, problem);
    if (answer.status < 300) {
      succeeded[target.operation.operationId] = (succeeded[target.operation.operationId] ?? 0) + 1;
    }
    remember(lane, target, answer);
  }

  /** Says what was logged that shouldn't have been. */
  function readLog(): void {
    for (const line of takeWrongLines(ringkey, canary))
      if (mistakes.length < 20) mistakes.push(`logged: ${line}`);
  }

  async function run(lanes: readonly Lane[], until: number): Promise<void> {
    await Promise.all(
      lanes.map(async (lane, index) => {
        while (sent < until) {
          await sendOne(lane, index);
          if (index === 0 && lane.random.below(5) === 0) {
            ringkey.clock.advance(10_000);
            readLog();
          }
        }
      }),
    );
  }

  const lanes = Array.from(
    { length: laneCount },
    (_, n): Lane => ({
      random: seededRandom(`api ${n}`, seed),
      identities: ['4700'],
      tokens: [],
      tokenIds: [],
    }),
  );
  try {
    await run(lanes, Math.ceil(count / 5));
    heldEarly = await heldBytes();
    await run(lanes, count);
    const heldLate = await heldBytes();
    readLog();
    return { sent, statuses, operations: targets.length, succeeded, mistakes, heldEarly, heldLate };
  } finally {
    wire.close();
  }
}

/** Values of a schema, or nearly so. The same seed makes the same values. */
function valueMaker(document: ApiDocument, seed: number) {
  const samples = new Map<string, readonly string[]>();

  /** Texts that fit a pattern, made once. */
  function fittingTexts(pattern: string): readonly string[] {
    const made =
      samples.get(pattern) ??
      fc.sample(fc.stringMatching(new RegExp(pattern), { maxLength: 60 }), { numRuns: 50, seed });
    samples.set(pattern, made);
    return made;
  }

  function text(schema: Schema, random: Random): string {
    const { pattern, minLength = 0, maxLength = 40 } = schema;
    if (schema.format === 'email') return `${textOf(random, 'abcdef', 1, 8)}@example.com`;
    if (schema.format === 'date-time')
      return new Date(Date.UTC(2026, random.below(24), 1 + random.below(28))).toISOString();
    if (pattern === '^[0-9]{1,20}$') return String(4000 + random.below(800));
    if (pattern !== undefined) return random.pick(fittingTexts(pattern));
    const kinds = [
      () => textOf(random, 'abcXYZ 0123456789', Math.max(1, minLength), Math.min(maxLength, 20)),
      () => `OU=${random.pick(['Sales', 'Ops'])},DC=example,DC=com`,
      () => textOf(random, '0123456789', Math.max(4, minLength), Math.min(maxLength, 9)),
      () => `+1415555${textOf(random, '0123456789', 4, 4)}`,
      () => oddText(random, Math.min(maxLength, 40)).padEnd(minLength, 'x'),
    ];
    return random.pick(kinds)();
  }

  function resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    return document.components.schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {};
  }

  function fitting(given: Schema | boolean, random: Random, manner: Manner, name: string): unknown {
    const schema = typeof given === 'boolean' ? {} : resolve(given);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return random.pick(schema.enum);
    const either = schema.anyOf ?? schema.oneOf;
    if (either !== undefined) return make(random.pick(either), random, manner, name);
    const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
    switch (type) {
      case 'object':
        return Object.fromEntries(
          Object.entries(schema.properties ?? {})
            .filter(([key]) => schema.required?.includes(key) || random.below(3) === 0)
            .map(([key, property]) => [key, make(property, random, manner, key)]),
        );
      case 'array': {
        const items = schema.items as Schema | undefined;
        return Array.from({ length: random.below(4) }, () => make(items ?? {}, random, manner, name));
      }
      case 'integer':
      case 'number':
        return random.pick([0, 1, 2, 3, 5, 10, 24, random.below(200)]);
      case 'boolean':
        return random.below(2) === 0;
      case 'null':
        return null;
      default: {
        const made = text(schema, random);
        return name === 'pin' && random.below(2) === 0 ? `${canary}${made}` : made;
      }
    }
  }

  function make(schema: Schema | boolean, random: Random, manner: Manner, name: string): unknown {
    const made = fitting(schema, random, manner, name);
    if (manner === 'fitting' || random.below(manner === 'wild' ? 2 : 6) > 0) return made;
    return askew(made, schema, random, manner);
  }

  /** A value that lies beside what it should be. */
  function askew(made: unknown, schema: Schema | boolean, random: Random, manner: Manner): unknown {
    const { maxLength = 20, maximum = 1000 } = typeof schema === 'boolean' ? {} : resolve(schema);
    const anything: unknown[] = [
      null,
      true,
      '',
      0,
      -1,
      1.5,
      1e308,
      2 ** 53,
      asText(made),
      [made],
      { made },
      { toString: 'x', valueOf: 1 },
      oddText(random),
    ];
    if (manner === 'wild') {
      anything.push(
        JSON.parse(`{"__proto__":${JSON.stringify(made) ?? null},"constructor":{"prototype":{}}}`),
      );
    }
    if (typeof made === 'string')
      anything.push(made.padEnd(maxLength + 1, 'x'), `${made}\u0000`, `${made}\u202e`, ` ${made} `, '\ud800');
    if (typeof made === 'number') anything.push(maximum + 1, -made, String(made));
    if (Array.isArray(made)) anything.push([...made, ...made], Array(1001).fill(made[0] ?? 'x'));
    if (made !== null && typeof made === 'object' && !Array.isArray(made)) {
      const entries = Object.entries(made);
      anything.push(
        Object.fromEntries(entries.slice(1)),
        Object.fromEntries([...entries, [random.pick([...prototypeNames, 'unknown']), 1]]),
        Object.fromEntries(entries.map(([key, value]) => [key.toUpperCase(), value])),
      );
    }
    return random.pick(anything);
  }

  return (schema: Schema, random: Random, manner: Manner) => make(schema, random, manner, '');
}

/** A file for import: a line of names and some of values. */
function csv({ random }: Lane, manner: Manner): string {
  const names = ['extension', 'displayName', 'email', 'pin', 'phoneNumbers'];
  if (manner !== 'fitting' && random.below(3) === 0)
    names.push(random.pick([...prototypeNames, 'extension', '']));
  const cell = () => {
    const text = manner === 'fitting' ? textOf(random, 'abc0123456789 ', 1, 10) : oddText(random, 60);
    return manner !== 'wild' || random.below(2) === 0 ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const row = () =>
    names.map((name) => {
      if (name === 'extension' && random.below(10) > 0) return String(4000 + random.below(800));
      if (name === 'pin') return random.pick(['', textOf(random, '0123456789', 4, 8), canary]);
      return random.below(3) === 0 ? cell() : '';
    });
  const rows = Array.from({ length: random.below(5) }, row);
  const separator = manner === 'wild' ? random.pick([',', ';', '\t', '|', '']) : ',';
  return [names, ...rows].map((cells) => cells.join(separator)).join(random.pick(['\n', '\r\n']));
}

function brokenJson(random: Random): string {
  return random.pick([
    () => '',
    () => '{',
    () => '[]',
    () => 'null',
    () => '"text"',
    () => '{"pin":"1","pin":"2"}',
    () => `{"__proto__":{"lockedOut":true}}`,
    () => '{"constructor":{"prototype":{"enabled":true}}}',
    () => '['.repeat(30_000),
    () => `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    () => `{"extension":"${'4'.repeat(70_000)}"}`,
    () => '{"extension":"\xff\xfe"}',
    () => '\xef\xbb\xbf{"extension":"4999"}',
    () => '{"extension":4e999}',
    () => `{"filter":{},"expectedCount":${'9'.repeat(400)}}`,
    () => `{"pin":"${canary}"`,
    () => `{"pin":"${canary}","unknown":"${canary}"}`,
    () => textOf(random, '{}[]",:\\u0019truefalsenull ', 1, 200),
  ])();
}

/** As it would stand in an address or a header. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A lone surrogate has no encoding in an address. */
function encodeAny(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}

/** Node's client refuses what can't stand in a header. */
function toHeader(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?');
}

/** Express takes an address with a slash at its end for the one without, which isn't in the document. */
function asDocumented(path: string): string {
  const [address = '', ...query] = path.split('?');
  return [address.replace(/\/$/, ''), ...query].join('?');
}

type Check = ReturnType<typeof checkerOf>;

/** What is wrong with an answer, or null. @param path below /api/v1, with its query. */
function mistakeIn(
  { method, headers, body }: WireRequest,
  path: string,
  { status, headers: told, body: text }: WireAnswer,
  check: Check,
): string | null {
  // One file is imported at a time.
  const isBusy = status === 503 && path.startsWith('/users/import') && text.includes('"busy"');
  if (status >= 500 && !isBusy) return `answered ${status}: ${text.slice(0, 500)}`;
  if (text.includes(canary)) return `the answer ${status} tells what was sent: ${text.slice(0, 500)}`;
  if (method === 'OPTIONS' && status === 200) return null;
  const type = told['content-type']?.split(';')[0];
  if (status >= 400 && type !== 'application/problem+json') {
    // Node's parser refuses what is no HTTP before the service hears of it.
    const isByParser = [400, 431].includes(status) && type === undefined && text === '';
    return isByParser ? null : `answered ${status} as ${type}: ${text.slice(0, 300)}`;
  }
  const sentHeaders = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const answerHeaders = new Headers(
    Object.entries(told).map(([name, value]): [string, string] => [name, String(value)]),
  );
  try {
    // What is no address for the checker either is refused, and that was seen above.
    decodeURIComponent(path.split('?')[0] ?? '');
    // A reader of JSON may ignore a byte order mark (RFC 8259, section 8.1), and ours does.
    const sentBody = body.length === 0 ? undefined : body.toString('utf8').replace(/^\ufeff/, '');
    check({
      method,
      path: asDocumented(path),
      headers: sentHeaders,
      body: sentBody,
      status,
      answerHeaders,
      text,
    });
    return null;
  } catch (error) {
    if (error instanceof URIError && status >= 400) return null;
    if (error instanceof UndocumentedError) return error.message;
    return `the answer ${status} can't be checked: ${String(error)}: ${text.slice(0, 300)}`;
  }
}
