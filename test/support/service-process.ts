/**
 * The service as a process of its own that can be killed, with cheap hashes. (`ringkey-process.ts` starts the real program, whose hashes are
 * never cheap.)
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Body } from './service.ts';

export interface ServiceOptions {
  /** Settings as in the environment, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Unix ms: its clock stands there and is moved by `advance`. Absent: the system's. */
  readonly startAt?: number;
}

/** What a started service tells of itself. */
export interface CheapService {
  readonly url: string;
  readonly publicOrigin: string;
  readonly adminToken: string;
  readonly authToken: string;
}

export interface ServiceProcess extends CheapService {
  readonly pid: number;
  api(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Body }>;
  /** One of its figures, by name and labels. */
  figure(series: string): Promise<number>;
  /** Moves its clock, in ms. */
  advance(ms: number): Promise<void>;
  /** What it wrote to its standard output and error. */
  output(): string;
  /** Resolves when it has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const program = fileURLToPath(new URL('cheap-service.ts', import.meta.url));

/**
 * Starts a service and waits until it listens.
 * @throws Error with what it wrote, when it ends before that.
 */
export async function startServiceProcess(options: ServiceOptions): Promise<ServiceProcess> {
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output = (output + chunk).slice(-100_000);
    });
  }
  const ended = once(child, 'close');
  const told = await Promise.race([once(child, 'message'), ended.then(() => null)]);
  if (told === null) throw new Error(`The service ended before it listened:\n${output}`);
  const service = told[0] as CheapService;
  const { url, adminToken } = service;
  return {
    ...service,
    pid: child.pid ?? 0,
    async api(method, path, body) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
    },
    async figure(series) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
    async advance(ms) {
      const answered = once(child, 'message');
      child.send(ms);
      await answered;
    },
    output: () => output,
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
