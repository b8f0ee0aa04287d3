/**
 * Ringkey as its operator starts it: a process of its own, with an environment of its own.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Call, type DialOptions, dial } from '../../src/phone/dial.ts';
import { endProcess, type RunningProcess, startProcess } from './processes.ts';
import type { ApiAnswer } from './service.ts';

const main = ['--import', 'tsx', fileURLToPath(new URL('../../src/main.ts', import.meta.url))];

type Env = Readonly<Record<string, string>>;

export interface RingkeyProcess {
  readonly child: RunningProcess;
  readonly url: string;
  /** A secret that was made up, as it stands in the data folder. */
  secret(name: string): string;
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  dial(options?: Partial<DialOptions>): Promise<Call>;
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Only what a test gives it, so that the machine's own settings don't matter. */
function environmentOf(env: Env): Env {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', PORT: '0', ...env };
}

/** Starts Ringkey and waits until it listens. */
export async function startRingkey(env: Env & { readonly DATA_DIR: string }): Promise<RingkeyProcess> {
  let url = '';
  let publicUrl = '';
  const pairs = Object.entries(environmentOf(env)).map(([name, value]) => `${name}=${value}`);
  const child = await startProcess('env', ['-i', ...pairs, process.execPath, ...main], (line) => {
    if (!line.includes('"listening"')) return false;
    ({ url, publicUrl } = JSON.parse(line));
    return true;
  });
  const secret = (name: string) => readFileSync(join(env.DATA_DIR, 'secrets', name), 'utf8').trim();
  return {
    child,
    url,
    secret,
    async api(method, path, body) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${env.ADMIN_TOKEN ?? secret('admin-token')}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? {} : JSON.parse(text),
        text,
      };
    },
    dial: (options = {}) =>
      dial({ url, publicUrl, authToken: env.TWILIO_AUTH_TOKEN ?? secret('twilio-auth-token'), ...options }),
    end: (signal = 'SIGTERM') => endProcess(child, signal),
  };
}

/** Runs Ringkey until it ends by itself, as it does when it can't start. */
export async function runRingkey(
  env: Env,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, main, { env: environmentOf(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}
