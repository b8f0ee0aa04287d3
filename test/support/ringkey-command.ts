/**
 * The command line as an administrator starts it: a process of its own, with pipes or at a terminal.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestService } from './service.ts';

const program = fileURLToPath(new URL('../../bin/ringkey.mjs', import.meta.url));

/** Makes `ringkey` our program in a line of shell. */
const ringkey = `ringkey() { '${process.execPath}' '${program}' "$@"; }; `;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Told the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The environment of a command for this service, and nothing of the machine's. */
function environmentFor({ service, secrets }: TestService): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    RINGKEY_URL: service.url,
    RINGKEY_TOKEN: secrets.adminToken,
  };
}

/** Runs a command with pipes, and without a terminal even where the tests are run at one. */
export function runCommand(
  service: TestService,
  args: readonly string[],
  { input = '', env = environmentFor(service), onStart }: Running = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { env, detached: true });
  onStart?.(child);
  // A command that doesn't read its input may be gone before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return ended(child, () => {});
}

/** Runs a line of shell, in which `ringkey` is our program, with pipes. */
export function runShell(service: TestService, line: string, input = ''): Promise<Ran> {
  const child = spawn('bash', ['-c', ringkey + line], { env: environmentFor(service), detached: true });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return ended(child, () => {});
}

/**
 * Runs a line of shell at a terminal. `script`, from util-linux, makes one.
 * @param replies What to type when a text is shown, in this order.
 */
export function runAtTerminal(
  service: TestService,
  line: string,
  replies: readonly (readonly [shown: string, typed: string])[] = [],
): Promise<Ran> {
  const env = { ...environmentFor(service), SHELL: '/bin/bash' };
  const child = spawn('script', ['-qec', ringkey + line, '/dev/null'], { env });
  const waiting = [...replies];
  let seen = 0;
  return ended(child, (out) => {
    const [shown, typed] = waiting[0] ?? [];
    if (shown === undefined || typed === undefined) return;
    const at = out.indexOf(shown, seen);
    if (at < 0) return;
    seen = at + shown.length;
    waiting.shift();
    child.stdin.write(typed);
  });
}

function ended(child: ReturnType<typeof spawn>, onOutput: (out: string) => void): Promise<Ran> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
    onOutput(out);
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, out: out.replaceAll('\r\n', '\n'), err }));
  });
}

/** The records that a command printed. */
export function recordsOf({ out }: Ran): Readonly<Record<string, unknown>>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
