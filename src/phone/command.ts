/**
 * `npm run phone`: reads the options, makes the call, and says what to do when it can't.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CallEnd, type CallOptions, type Exchange, placeCall } from './call.ts';
import { dial } from './dial.ts';
import { createPrinter, type Output, type Printer } from './printer.ts';
import { parseScript, runScript, type Script, ScriptError } from './script.ts';
import { type Keyboard, type TerminalCaller, terminalCaller } from './terminal.ts';

export const usage = `Plays the telephony provider's part: calls a Ringkey service from this terminal.

  npm run phone -- [options]

  --url <url>          where the service listens            (http://localhost:3000, or PORT)
  --public-url <url>   what it calls itself; it is signed   (PUBLIC_URL, else --url)
  --from <number>      the caller's number, E.164           (+15551230001)
  --to <number>        the number that is called            (+15550100000)
  --token-file <file>  holds the webhook token              (TWILIO_AUTH_TOKEN, else DATA_DIR/secrets/twilio-auth-token)
  --script <file>      plays keys and expectations          (see docs/phone.md)
  --no-fallback        as a number without a fallback URL
  --help

  Keys: 0-9 * #, Enter is #, Ctrl-C hangs up.
  Exit codes: 0 done, 1 the call or the script failed, 2 usage, 3 the service refused the signature, 5 unreachable.
`;

export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, unreachable: 5 } as const;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly keyboard: Keyboard;
  readonly output: Output;
  /** Called with the caller at the terminal, so that a signal can hang up. */
  readonly onCaller?: (caller: TerminalCaller) => void;
}

/** Runs the command and returns its exit code (`exitCodes`). Everything it has to say goes to `output`. */
export async function phone(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const printer = createPrinter(surroundings.output);
  const plan = await makePlan(args, surroundings.env).catch((error: unknown) => {
    printer.line(error instanceof Error ? error.message : String(error));
    return null;
  });
  if (plan === null) return exitCodes.usage;
  if (plan === 'help') {
    surroundings.output.write(usage);
    return exitCodes.done;
  }
  const { call, script } = plan;
  return script === null ? callByHand(call, printer, surroundings) : callByScript(call, script, printer);
}

interface Plan {
  readonly call: CallOptions;
  /** `null`: a person makes the call. */
  readonly script: Script | null;
}

async function makePlan(args: readonly string[], env: Surroundings['env']): Promise<Plan | 'help'> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: `http://localhost:${env.PORT ?? '3000'}` },
      'public-url': { type: 'string' },
      from: { type: 'string', default: '+15551230001' },
      to: { type: 'string', default: '+15550100000' },
      'token-file': { type: 'string' },
      script: { type: 'string' },
      'no-fallback': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const publicUrl = values['public-url'] ?? env.PUBLIC_URL ?? values.url;
  for (const url of [values.url, publicUrl]) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new Error(`"${url}" is not an http(s) URL.`);
  }
  return {
    script: values.script === undefined ? null : parseScript(await readFile(values.script, 'utf8')),
    call: {
      url: values.url,
      publicUrl,
      from: values.from,
      to: values.to,
      fallback: !values['no-fallback'],
      authToken: await findToken(values['token-file'], env),
    },
  };
}

/** The webhook token: never an option's value, because command lines can be seen by others. */
async function findToken(file: string | undefined, env: Surroundings['env']): Promise<string> {
  if (file === undefined && env.TWILIO_AUTH_TOKEN) return env.TWILIO_AUTH_TOKEN;
  const path = file ?? join(env.DATA_DIR ?? './data', 'secrets', 'twilio-auth-token');
  const token = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  if (token !== '') return token;
  throw new Error(
    `No webhook token in ${path}. Start the service once (it writes that file), or set TWILIO_AUTH_TOKEN, or give --token-file.`,
  );
}

async function callByHand(call: CallOptions, printer: Printer, surroundings: Surroundings): Promise<number> {
  const requests: Exchange[] = [];
  const caller = terminalCaller(surroundings.keyboard, printer);
  surroundings.onCaller?.(caller);
  try {
    const end = await placeCall(call, {
      hungUp: caller.hungUp,
      nextKey: caller.nextKey,
      hear(event) {
        if (event.kind === 'request') requests.push(event.exchange);
        return caller.hear(event);
      },
    });
    return conclude(call, end, requests, printer);
  } finally {
    caller.close();
  }
}

async function callByScript(options: CallOptions, script: Script, printer: Printer): Promise<number> {
  const call = await dial({ ...options, onEvent: printer.event, onKey: printer.key });
  const failure = await runScript(script, call).catch((error: unknown) => {
    if (error instanceof ScriptError) return error;
    throw error;
  });
  const code = call.ended === null ? exitCodes.failed : conclude(options, call.ended, call.requests, printer);
  if (failure === undefined) return code;
  printer.line(failure.message);
  return code === exitCodes.done ? exitCodes.failed : code;
}

/** Prints how the call ended and, where the very first webhook failed, what to do about it. */
function conclude(call: CallOptions, end: CallEnd, requests: readonly Exchange[], printer: Printer): number {
  printer.end(end);
  const first = requests[0];
  if (first !== undefined && first.failure !== null) {
    printer.line(
      `No service answers at ${call.url} (${first.failure}). Start it with npm start, or give --url.`,
    );
    return exitCodes.unreachable;
  }
  if (first?.answer?.status === 403) {
    printer.line(
      `The service refused the signature over ${first.signUrl}. Its PUBLIC_URL must be ${call.publicUrl} ` +
        '(or give --public-url), and its webhook token the one used here.',
    );
    return exitCodes.refused;
  }
  return end.by === 'error' ? exitCodes.failed : exitCodes.done;
}
