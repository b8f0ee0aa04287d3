/**
 * What every command works with: the service, where its records go, and whom to ask.
 */
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import { type Client, createClient, type Json } from './client.ts';
import { type ExitCode, exitCodes, Failure } from './failure.ts';
import { readProfile } from './profile.ts';
import { formatList, formatTable } from './table.ts';
import { askAtTerminal } from './terminal.ts';

export type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & { readonly isTTY?: boolean };

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: Input;
  readonly output: Output;
  readonly errors: Output;
  /** The device to ask a person at, even while standard input is a pipe: `/dev/tty`. */
  readonly terminal: string;
}

/** Where the records of one command go: lines of JSON as they come, or a table when all are there. */
export interface Records {
  add(record: Json): void;
  /** Ends the command's output. On a terminal, a single record is shown with all its fields. */
  finish(): void;
}

export interface Context extends Surroundings {
  /** The service that the profile names. @throws Failure when there is none. */
  client(): Client;
  records(columns: readonly string[]): Records;
  /** Whether `--json` was said. */
  wantsJson(): boolean;
  /** Says something to the person, beside the records. */
  say(line: string): void;
  /** Notes that something failed; the first code is the program's, unless `failed` says that only a part did. */
  fail(code: ExitCode): void;
}

/** @param fail Told the exit code of what failed while the rest went on. */
export function createContext(
  program: Command,
  surroundings: Surroundings,
  fail: (code: ExitCode) => void,
): Context {
  const { env, output, errors } = surroundings;
  const options = () => program.opts<{ json?: true; profile?: string }>();
  return {
    ...surroundings,
    fail,
    client: () => createClient(readProfile(env, options().profile ?? null)),
    wantsJson: () => options().json === true,
    say: (line) => void errors.write(`${line}\n`),
    records(columns) {
      if (options().json || !output.isTTY) {
        return { add: (record) => void output.write(`${JSON.stringify(record)}\n`), finish() {} };
      }
      const kept: Json[] = [];
      return {
        add: (record) => void kept.push(record),
        finish() {
          const [first, ...others] = kept;
          if (first === undefined) return;
          output.write(others.length === 0 ? formatList(first) : formatTable(kept, columns));
        },
      };
    },
  };
}

/** Asks before something is done. @throws Failure unless the answer is yes. */
export async function confirm({ terminal }: Surroundings, question: string): Promise<void> {
  const asked = askAtTerminal(terminal, `${question} [y/N] `, { hidden: false });
  const answer = await asked.catch((error: unknown) => {
    if (error instanceof Failure && error.exitCode === exitCodes.usage)
      throw new Failure(exitCodes.usage, `${question} There is no terminal to ask at. Say --yes.`);
    throw error;
  });
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.failed, 'Nothing was changed.');
}

/**
 * A secret, from a file, from standard input or typed unseen at the terminal; never from the command line, which others can see
 * and the shell's history keeps.
 * @param source `-`, or null where `file` is given.
 */
export async function readSecret(
  { input, terminal }: Surroundings,
  name: string,
  source: string | null,
  file: string | null,
): Promise<string> {
  if (file !== null) return firstLine(readSecretFile(file));
  if (source !== '-')
    throw new Failure(
      exitCodes.usage,
      `Don't write a ${name} on the command line. Say "-" and type it when asked.`,
    );
  if (!input.isTTY) return firstLine(await readAll(input));
  const typed = await askAtTerminal(terminal, `${name}: `, { hidden: true });
  if ((await askAtTerminal(terminal, `${name} once more: `, { hidden: true })) === typed) return typed;
  throw new Failure(exitCodes.usage, 'That was not the same twice. Nothing was changed.');
}

/** All of standard input, as text. */
export async function readAll(input: Input): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) text += chunk;
  return text;
}

function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Failure(exitCodes.usage, `${file} can't be read.`);
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? '';
}
