/**
 * The command line as an administrator uses it: a process of its own, with pipes or at a terminal; or, for tests of what commands do and
 * not of how a process starts, within the test's process, which takes a hundredth of the time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ringkey as ringkeyCommand } from '../../src/cli/command.ts';

const program = fileURLToPath(new URL('../../bin/ringkey.mjs', import.meta.url));

/** Makes `ringkey` our program in a line of shell. */
const ringkey = `ringkey() { '${process.execPath}' '${program}' "$@"; }; `;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Given {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Running extends Given {
  /** Told the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Which service, and with whose token. */
export interface Administered {
  readonly service: { readonly url: string };
  readonly secrets: { readonly adminToken: string };
}

/** What to type when a text is shown. */
export type Reply = readonly [shown: string, typed: string];

/** The environment of a command for this service, and nothing of the machine's. */
function environmentFor({ service, secrets }: Administered): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    RINGKEY_URL: service.url,
    RINGKEY_TOKEN: secrets.adminToken,
  };
}

/** Carries out a command in this process: what `src/cli/main.ts` does, with streams that are no terminal. */
export async function runCommand(
  service: Administered,
  args: readonly string[],
  { input = '', env = environmentFor(service) }: Given = {},
): Promise<Ran> {
  const output = new PassThrough();
  const errors = new PassThrough();
  const printed = Promise.all([buffer(output), buffer(errors)]);
  const surroundings = {
    env,
    input: Readable.from([Buffer.from(input)]),
    output,
    errors,
    terminal: '/nonexistent',
  };
  const code = await ringkeyCommand(args, surroundings).finally(() => {
    output.end();
    errors.end();
  });
  const [out, err] = await printed;
  return { code, out: out.toString(), err: err.toString() };
}

/** Starts the program with pipes, and without a terminal even where the tests are run at one. */
export function runProcess(
  service: Administered,
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
export function runShell(service: Administered, line: string, input = ''): Promise<Ran> {
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
  service: Administered,
  line: string,
  replies: readonly Reply[] = [],
): Promise<Ran> {
  const env = { ...environmentFor(service), SHELL: '/bin/bash' };
  return atTerminal(ringkey + line, env, replies);
}

interface ShellLine {
  readonly line: string;
  /** While the line is carried out, in this order. */
  readonly replies?: readonly Reply[];
}

/**
 * Types lines at an interactive bash that keeps a history, in which `ringkey` is our program and nothing is set but the home.
 * @returns what the terminal showed, and the history that was kept.
 */
export async function typeAtShell(
  home: string,
  lines: readonly ShellLine[],
): Promise<{ readonly shown: string; readonly history: string }> {
  const prompt = 'at the shell$ ';
  const historyFile = join(home, '.bash_history');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    SHELL: '/bin/bash',
    TERM: 'dumb',
    HISTFILE: historyFile,
  };
  // The shell that starts it forgets a prompt from outside.
  const start = `${ringkey}export -f ringkey; cd; PS1='${prompt}' exec bash --noprofile --norc --noediting -i`;
  const { out } = await atTerminal(start, env, [
    [prompt, 'set -o history\n'],
    ...lines.flatMap(({ line, replies = [] }): Reply[] => [[prompt, `${line}\n`], ...replies]),
    [prompt, 'history -a\n'],
    [prompt, 'exit\n'],
  ]);
  return { shown: out, history: readFileSync(historyFile, 'utf8') };
}

function atTerminal(
  line: string,
  env: Readonly<Record<string, string>>,
  replies: readonly Reply[],
): Promise<Ran> {
  const child = spawn('script', ['-qec', line, '/dev/null'], { env });
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
