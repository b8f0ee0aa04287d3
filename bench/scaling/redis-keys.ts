/** Which keys a call touches in Redis, as MONITOR shows them. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

/** What lies in one slot of a Cluster. `shared`: all calls touch it; the others are touched by a few calls each, and spread over nodes. */
export interface KeyKind {
  readonly name: string;
  readonly shared: boolean;
}

const kinds: readonly { readonly pattern: RegExp; readonly kind: KeyKind }[] = [
  { pattern: /^ringkey:\{c-/, kind: { name: 'the call', shared: false } },
  { pattern: /^ringkey:\{i-/, kind: { name: 'an identity', shared: false } },
  { pattern: /^ringkey:\{u-/, kind: { name: 'an extension that nobody has', shared: false } },
  { pattern: /^ringkey:\{p\d+\}/, kind: { name: 'the account', shared: false } },
  { pattern: /^ringkey:\{server\}/, kind: { name: 'policies, in the partition `server`', shared: true } },
  { pattern: /^ringkey:counter:.*failures/, kind: { name: 'failure counters', shared: true } },
];

/** What a process does by itself, whether or not anybody calls. */
const background = /\{index\}:outbox$|^ringkey:counter:statistics|^ringkey:ping$|:expiry-mail$/;

/** @returns null for what isn't a call's. */
function kindOf(key: string): KeyKind | null {
  if (background.test(key)) return null;
  return kinds.find(({ pattern }) => pattern.test(key))?.kind ?? null;
}

/** A command that a client sent. `writes`: by a script, which is how everything is written. */
export interface SeenCommand {
  readonly kind: KeyKind;
  readonly writes: boolean;
}

/** Reads a line of MONITOR; null when a script sent it, or when it isn't a call's. */
export function parseMonitorLine(line: string): SeenCommand | null {
  if (/^\+?[\d.]+ \[\d+ lua\]/.test(line)) return null;
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word);
  const [command = ''] = words;
  const isScript = /^evalsha$/i.test(command);
  const kind = kindOf(words[isScript ? 3 : 1] ?? '');
  return kind === null ? null : { kind, writes: isScript };
}

/** Watches a Redis during some work. */
export async function watchCommands(port: number, work: () => Promise<void>): Promise<SeenCommand[]> {
  const socket = createConnection(port, '127.0.0.1');
  const seen: SeenCommand[] = [];
  const lines = createInterface(socket);
  lines.on('line', (line) => {
    const command = parseMonitorLine(line);
    if (command !== null) seen.push(command);
  });
  socket.write('MONITOR\r\n');
  await once(lines, 'line');
  await work();
  socket.end();
  await once(socket, 'close');
  return seen;
}
