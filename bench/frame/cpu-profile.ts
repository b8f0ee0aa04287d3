/** Reads what `--cpu-prof` leaves, and tells what the main thread's time went to: by kind of work, and by function. */
import { z } from 'zod';

/** A profile as V8 writes it. Times are in µs, on a clock that all processes of a machine share. */
const schema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof schema>;

/** @throws Error when the text is no profile. */
export function readProfile(text: string): CpuProfile {
  return schema.parse(JSON.parse(text));
}

/** Now, on the clock of profiles: µs. */
export const profileNow = (): number => Number(process.hrtime.bigint() / 1000n);

/** In the order in which tables show them. */
export const kinds = [
  "sockets and HTTP: Node's and the system's",
  'Express and what parses the form',
  'signatures, other cryptography',
  'store: client and its sockets, or LMDB',
  "store: Ringkey's part",
  'the log',
  "Ringkey's other code",
  'other packages',
  'garbage collector',
  'the engine and the system, outside of any function',
] as const;

export type Kind = (typeof kinds)[number];

/** Modules by where they lie; the first that fits. */
const byUrl: readonly (readonly [RegExp, Kind])[] = [
  [
    /node_modules\/(@redis|redis|lmdb|msgpackr|ordered-binary|weak-lru-cache)\//,
    'store: client and its sockets, or LMDB',
  ],
  [
    /node_modules\/(express|body-parser|router|raw-body|qs|iconv-lite|finalhandler|send|etag|fresh|type-is|content-type|bytes|accepts|mime-types|on-finished|parseurl|path-to-regexp|proxy-addr|depd|statuses|vary|http-errors)\//,
    'Express and what parses the form',
  ],
  [
    /node_modules\/(pino|sonic-boom|thread-stream|quick-format-unescaped|safe-stable-stringify|fast-redact)/,
    'the log',
  ],
  [
    /node_modules\/(jose|twilio|scmp)\/|src\/security\/|src\/voice\/signature|node:.*crypto/,
    'signatures, other cryptography',
  ],
  [/src\/store\//, "store: Ringkey's part"],
  [/node_modules\//, 'other packages'],
  [/\/(src|bench)\//, "Ringkey's other code"],
];

const withSystemCalls: readonly Kind[] = ['store: client and its sockets, or LMDB', 'the log'];
const crypto =
  /^(Hash|Hmac|hash|update|digest|timingSafeEqual|randomFillSync|randomBytes|sign|signOneShot|createHmac|createHash)$/;

/**
 * What a function's own time counts as. Node's own code and native functions belong to the store if a store's client called them, and to
 * the log if that did, so that what they write isn't taken for answers to callers. JSON is with whoever reads or makes it: it is no
 * function to V8.
 * @param above the kind of the nearest caller that isn't Node's own; null: none.
 */
function kindOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame'], above: Kind | null): Kind {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(program)') return 'the engine and the system, outside of any function';
  const found = byUrl.find(([pattern]) => pattern.test(url))?.[1];
  if (found !== undefined) return found;
  if (url === '' && crypto.test(functionName)) return 'signatures, other cryptography';
  return above !== null && withSystemCalls.includes(above)
    ? above
    : "sockets and HTTP: Node's and the system's";
}

export interface SelfTime {
  /** µs in which there was something to do. */
  readonly busy: number;
  readonly idle: number;
  /** µs, by kind. */
  readonly kinds: ReadonlyMap<Kind, number>;
  /** µs of each function's own, the most first. */
  readonly functions: readonly { readonly name: string; readonly kind: Kind; readonly us: number }[];
}

/** What was going on from one moment to another, in µs on the clock of profiles. */
export function selfTime(profile: CpuProfile, from: number, to: number): SelfTime {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const kindById = new Map<number, Kind>();
  /** Down from the root, so that each node is told who called it. */
  const pending = profile.nodes.slice(0, 1).map((node) => ({ node, above: null as Kind | null }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, above } = next;
    const kind = kindOf(node.callFrame, above);
    kindById.set(node.id, kind);
    const isNodes = node.callFrame.url === '' || node.callFrame.url.startsWith('node:');
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) pending.push({ node: child, above: isNodes ? above : kind });
    }
  }

  let at = profile.startTime;
  let idle = 0;
  const ofKinds = new Map<Kind, number>();
  const ofFunctions = new Map<string, { name: string; kind: Kind; us: number }>();
  for (const [index, id] of profile.samples.entries()) {
    // A sample stands for the time until the next.
    at += profile.timeDeltas[index] ?? 0;
    const us = profile.timeDeltas[index + 1] ?? 0;
    const node = byId.get(id);
    const kind = kindById.get(id);
    if (at < from || at >= to || us <= 0 || node === undefined || kind === undefined) continue;
    const { functionName, url, lineNumber } = node.callFrame;
    if (functionName === '(idle)') {
      idle += us;
      continue;
    }
    ofKinds.set(kind, (ofKinds.get(kind) ?? 0) + us);
    const name = nameOf(functionName, url);
    const key = `${name}:${url}:${lineNumber}:${kind}`;
    const found = ofFunctions.get(key) ?? { name, kind, us: 0 };
    found.us += us;
    ofFunctions.set(key, found);
  }
  const functions = [...ofFunctions.values()].sort((a, b) => b.us - a.us);
  const busy = [...ofKinds.values()].reduce((total, us) => total + us, 0);
  return { busy, idle, kinds: ofKinds, functions };
}

/** `writev (native)`, `parse (qs/lib/parse.js)`: without what differs between machines. */
function nameOf(functionName: string, url: string): string {
  const name = functionName === '' ? 'a function without a name' : functionName;
  if (name.startsWith('(')) return name;
  if (url === '') return `${name} (native)`;
  const short = url.replace(/^.*\/node_modules\//, '').replace(/^file:.*\/(?=(src|bench)\/)/, '');
  return `${name} (${short})`;
}
