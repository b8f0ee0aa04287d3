/**
 * The service as a test needs it: the very one that `main.ts` starts, over real HTTP, with a clock moved by hand, cheap hashes,
 * and everything it logs kept.
 */
import { rmSync } from 'node:fs';
import { pino } from 'pino';
import type { ApiDocument } from '../../src/admin/openapi.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { defaultPolicy, type PinPolicy } from '../../src/core/pin/policy.ts';
import { type Call, type DialOptions, dial } from '../../src/phone/dial.ts';
import { completeSecrets, type Secrets } from '../../src/secrets.ts';
import { type Service, startService } from '../../src/service.ts';
import { fakeClock } from './clock.ts';
import { checkerOf, valuesOf } from './documented.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export type FakeClock = ReturnType<typeof fakeClock>;

/** JSON as it came. */
export type Body = Readonly<Record<string, unknown>>;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

export interface TestOptions {
  readonly clock?: FakeClock;
  /** Settings as in the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  /** Changes to the default policy. */
  readonly policy?: Partial<PinPolicy>;
  /** Argon2's cost; cheap unless the test is about it. */
  readonly hashCost?: Config['hashCost'];
}

export interface TestService {
  readonly service: Service;
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: FakeClock;
  readonly dataDir: string;
  /** Every line that was logged, at level trace. */
  readonly logged: readonly string[];
  /** Empties it, where what was logged would be taken for a leak. */
  forgetLog(): void;
  /**
   * Calls the admin API with the admin token, and holds request and answer to the OpenAPI document. Of an answer of NDJSON, the
   * body is `{ lines }`.
   */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
  /** Calls the access number. */
  dial(options?: Partial<DialOptions>): Promise<Call>;
  /** Makes a user with a PIN that needs no change and that nobody is mailed, and returns its id. */
  addUser(user: Body, pin?: string, reset?: Body): Promise<string>;
  /** The figures, by name and labels as they stand in the text format. */
  figure(series: string): Promise<number>;
  stop(): Promise<void>;
}

let checker: Promise<ReturnType<typeof checkerOf>> | undefined;

/** The document is the same of every service, so it is read once. */
function checkDocumented(url: string) {
  checker ??= fetch(`${url}/api/v1/openapi.json`)
    .then((response) => response.json())
    .then((document) => checkerOf(document as ApiDocument));
  return checker;
}

/** A line's time and process would now and then hold the digits of a PIN that must be in no line. */
const withoutNumbers = { timestamp: false, base: null };

const cheapHash = { memoryKib: 64, passes: 1, lanes: 1 };

export async function startTestService(options: TestOptions = {}): Promise<TestService> {
  const clock = options.clock ?? fakeClock();
  const dataDir = options.dataDir ?? makeTemporaryFolder();
  const environment = { PORT: '0', DATA_DIR: dataDir, TIME_ZONE: 'UTC', LOG_LEVEL: 'trace', ...options.env };
  const config = { ...readConfig(environment), hashCost: options.hashCost ?? cheapHash };
  const secrets = completeSecrets(config);
  const logged: string[] = [];
  const log = pino(
    { level: config.logLevel, ...withoutNumbers },
    { write: (line: string) => void logged.push(line) },
  );
  const service = await startService({ config, secrets, clock: clock.now, log });
  if (options.policy !== undefined)
    await service.policies.put(
      'default',
      { policy: { ...defaultPolicy, ...options.policy }, units: [] },
      { kind: 'rule', name: 'test', from: null },
    );

  async function api(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const sentBody = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sentHeaders = {
      authorization: `Bearer ${secrets.adminToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const response = await fetch(`${service.url}/api/v1${path}`, {
      method,
      headers: sentHeaders,
      ...(sentBody === undefined ? {} : { body: sentBody }),
    });
    const { status, headers: answerHeaders } = response;
    const text = await response.text();
    const exchange = { method, path, headers: sentHeaders, body: sentBody, status, answerHeaders, text };
    (await checkDocumented(service.url))(exchange);
    const type = answerHeaders.get('content-type')?.split(';')[0] ?? '';
    const values = text === '' ? [{}] : valuesOf(type, text);
    const told = type === 'application/x-ndjson' ? { lines: values } : (values[0] as Body);
    return { status, headers: answerHeaders, body: told, text };
  }

  return {
    service,
    config,
    secrets,
    clock,
    dataDir,
    logged,
    forgetLog() {
      logged.length = 0;
    },
    api,
    dial: (dialing = {}) =>
      dial({
        url: service.url,
        publicUrl: service.publicUrl.origin,
        authToken: secrets.twilioAuthToken,
        now: clock.now,
        ...dialing,
      }),
    async addUser(user, pin, reset = {}) {
      const created = await api('POST', '/users', user);
      if (created.status !== 201) throw new Error(created.text);
      const id = String(created.body.id);
      if (pin !== undefined) {
        const answer = await api('POST', `/users/${id}/pin/reset`, {
          pin,
          pinExpired: false,
          sendEmail: false,
          ...reset,
        });
        if (answer.status !== 200) throw new Error(answer.text);
      }
      return id;
    },
    async figure(series) {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
    async stop() {
      await service.stop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Starts a service for one piece of work, and stops it however that ends. */
export async function withTestService<T>(
  options: TestOptions,
  use: (ringkey: TestService) => Promise<T>,
): Promise<T> {
  const ringkey = await startTestService(options);
  try {
    return await use(ringkey);
  } finally {
    await ringkey.stop();
  }
}
