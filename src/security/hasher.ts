/**
 * Hashing PINs with Argon2id, as many at a time as there are cores, with a queue that refuses work it can't do in time. Callers go
 * first: work that nobody waits for on the telephone has a way of its own, and takes only what they leave.
 */
import { performance } from 'node:perf_hooks';
import argon2 from 'argon2';
import PQueue from 'p-queue';
import type { StoredHash } from '../core/account.ts';
import type { Peppers } from './peppers.ts';

/** Argon2id's cost: memory in KiB, passes over it, lanes. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** The least of OWASP's equivalent recommendations that fits a telephone service; settable upwards only. */
export const leastHashCost: HashCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

/** Argon2 takes no less for each lane. */
const leastMemoryKib = 8;

/** A stored hash that asks for more memory than this isn't ours; computing it would be an attack on the service. */
const mostMemoryKib = 1_048_576;

/** The part of all tickets from which it is crowded. */
const crowdedFrom = 0.85;

/** In the queue: a caller's hash has 0, and the higher goes first. */
const behindCallers = -1;

/** Leave to hash, given before an attempt is charged. Must be handed back with `release`. */
export interface HashTicket {
  /** Hashes with the current pepper and cost and a random salt. */
  hash(pin: string): Promise<StoredHash>;
  /**
   * Whether the PIN made this hash. With null a decoy is verified, at the same cost, and the answer is false. A malformed or
   * foreign hash, or one whose pepper isn't known, is false as well, also at the cost of a decoy; never an exception.
   */
  verify(pin: string, stored: StoredHash | null): Promise<boolean>;
  release(): void;
}

export interface HasherStats {
  /** Tickets out, hashing or waiting. */
  readonly admitted: number;
  /** Hashes waiting for a core, without those in the background. */
  readonly waiting: number;
  /** What a hash takes lately, in ms. */
  readonly meanMs: number;
}

export interface Hasher {
  /**
   * Whether so many tickets are out that whoever calls now should be turned away at once: most of what `admit` gives, so that
   * those who are on their way already still get one.
   */
  isCrowded(): boolean;
  /** A ticket, or null when so many are out that a new one would wait too long. */
  admit(): HashTicket | null;
  /**
   * Hashes as a ticket does, but while callers need all cores it waits, for as long as it takes. It is never refused, and a caller
   * never waits for more than one such hash, however many are asked for and even with one core.
   * @throws the signal's reason when it says stop before the hash has begun.
   */
  hashInBackground(pin: string, signal?: AbortSignal): Promise<StoredHash>;
  /** Whether a hash should be made again: with the current pepper or the present cost. */
  isOutdated(stored: StoredHash): boolean;
  stats(): HasherStats;
}

interface HasherOptions {
  readonly peppers: Peppers;
  readonly cost: HashCost;
  /** Hashes at a time: at most one per core, fewer than libuv's pool has threads. */
  readonly concurrency: number;
  /** How long an admitted hash may have to wait for a core, in ms. */
  readonly longestWaitMs: number;
  /** Told of each hash: how long it took in ms, without waiting. */
  readonly onHash?: (ms: number) => void;
  /** Told how long each hash of a caller's waited for a core, in ms. */
  readonly onWait?: (ms: number) => void;
}

/** Makes the hasher. Computes the decoy first, which also shows that Argon2 works here and how fast it is. */
export async function createHasher(options: HasherOptions): Promise<Hasher> {
  const { peppers, cost, concurrency, longestWaitMs, onHash, onWait } = options;
  const settings = {
    type: argon2.argon2id,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.lanes,
  } as const;
  const queue = new PQueue({ concurrency });
  let admitted = 0;
  let meanMs = 0;

  async function timed<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      const ms = performance.now() - began;
      meanMs = meanMs === 0 ? ms : meanMs * 0.9 + ms * 0.1;
      onHash?.(ms);
    }
  }

  /** Does a caller's work when a core is free. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const asked = performance.now();
    return queue.add(() => {
      onWait?.(performance.now() - asked);
      return work();
    });
  }

  async function hash(pin: string): Promise<StoredHash> {
    const { id, hashKey } = peppers.current;
    return { hash: await timed(() => argon2.hash(pin, { ...settings, secret: hashKey })), pepperId: id };
  }

  const decoy = await hash('decoy');

  async function verify(pin: string, stored: StoredHash | null): Promise<boolean> {
    const real = stored !== null && parseCost(stored.hash) !== null ? stored : null;
    const pepper = real === null ? null : peppers.find(real.pepperId);
    const [digest, secret] =
      real === null || pepper === null ? [decoy.hash, peppers.current.hashKey] : [real.hash, pepper.hashKey];
    const matches = await timed(async () => {
      const isRight = await argon2.verify(digest, pin, { secret }).catch(() => false);
      await spendDifference(digest);
      return isRight;
    });
    return matches && digest !== decoy.hash;
  }

  /**
   * A hash of an earlier, lower cost is computed faster than the decoy, and would tell an account from none until it is renewed. So
   * what it lacks is spent as well: work is memory times passes.
   */
  async function spendDifference(digest: string): Promise<void> {
    const { memoryKib, passes } = parseCost(digest) ?? cost;
    const missingKib = Math.round(cost.memoryKib - (memoryKib * passes) / cost.passes);
    if (missingKib < leastMemoryKib * cost.lanes) return;
    await argon2.hash('difference', { ...settings, memoryCost: missingKib });
  }

  // A core of their own is left to callers where there are several; where there is one, they wait for the hash that has begun.
  const mostInBackground = Math.max(1, concurrency - 1);
  /** Starts of those who wait in the background, the longest waiting first. */
  const waitingInBackground = new Set<() => void>();
  let inBackground = 0;

  /** A ticket keeps its core between two hashes too: else each of them would wait for one in the background. */
  function startInBackground(): void {
    for (const start of waitingInBackground) {
      if (inBackground >= mostInBackground || admitted + inBackground >= concurrency) return;
      waitingInBackground.delete(start);
      inBackground += 1;
      start();
    }
  }

  function turnInBackground(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        waitingInBackground.delete(start);
        reject(signal?.reason);
      };
      const start = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop);
      waitingInBackground.add(start);
      startInBackground();
    });
  }

  const mostAdmitted = () => Math.max(concurrency, Math.floor((concurrency * longestWaitMs) / meanMs));

  return {
    isCrowded: () => admitted >= mostAdmitted() * crowdedFrom,
    admit() {
      if (admitted >= mostAdmitted()) return null;
      admitted += 1;
      let held = true;
      return {
        hash: (pin) => inTurn(() => hash(pin)),
        verify: (pin, stored) => inTurn(() => verify(pin, stored)),
        release() {
          if (held) admitted -= 1;
          held = false;
          startInBackground();
        },
      };
    },
    async hashInBackground(pin, signal) {
      await turnInBackground(signal);
      try {
        return await queue.add(() => hash(pin), { priority: behindCallers });
      } finally {
        inBackground -= 1;
        startInBackground();
      }
    },
    isOutdated(stored) {
      const made = parseCost(stored.hash);
      return (
        stored.pepperId !== peppers.current.id ||
        made === null ||
        made.memoryKib < cost.memoryKib ||
        made.passes < cost.passes ||
        made.lanes < cost.lanes
      );
    },
    stats: () => ({ admitted, waiting: queue.size, meanMs }),
  };
}

const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,88}\$[A-Za-z0-9+/]{43}$/;

/** The cost in a hash in PHC string form; null when it isn't an Argon2id hash that we could have made. */
function parseCost(hash: string): HashCost | null {
  const match = phcPattern.exec(hash);
  if (match === null) return null;
  const [memoryKib = 0, passes = 0, lanes = 0] = match.slice(1).map(Number);
  return memoryKib <= mostMemoryKib ? { memoryKib, passes, lanes } : null;
}
