import { describe, expect, it } from 'vitest';
import type { StoredHash } from '../../src/core/account.ts';
import { createHasher, type HashCost, type HashTicket } from '../../src/security/hasher.ts';
import { createPeppers } from '../../src/security/peppers.ts';

const cost: HashCost = { memoryKib: 64, passes: 1, lanes: 1 };
const old = Buffer.alloc(32, 1);
const present = Buffer.alloc(32, 2);

function hasherWith(peppers: [Buffer, ...Buffer[]], changes: Partial<HashCost> = {}, longestWaitMs = 10_000) {
  return createHasher({
    peppers: createPeppers(peppers),
    cost: { ...cost, ...changes },
    concurrency: 2,
    longestWaitMs,
  });
}

function ticketOf(hasher: { admit(): HashTicket | null }): HashTicket {
  const ticket = hasher.admit();
  if (ticket === null) throw new Error('was refused');
  return ticket;
}

describe('hashing and verifying', () => {
  it('verifies what it hashed, and nothing else; the same PIN hashes differently each time', async () => {
    const ticket = ticketOf(await hasherWith([present]));
    const [one, two] = [await ticket.hash('596183'), await ticket.hash('596183')];
    expect(one.hash).not.toBe(two.hash);
    expect(await ticket.verify('596183', one)).toBe(true);
    expect(await ticket.verify('596184', one)).toBe(false);
    expect(await ticket.verify('decoy', null)).toBe(false);
  });

  it('is of no use without the pepper, and with it under its id', async () => {
    const made = await ticketOf(await hasherWith([old])).hash('596183');
    expect(await ticketOf(await hasherWith([present])).verify('596183', made)).toBe(false);
    const rotated = await hasherWith([present, old]);
    expect(await ticketOf(rotated).verify('596183', made)).toBe(true);
    expect(rotated.isOutdated(made)).toBe(true);
    expect(rotated.isOutdated(await ticketOf(rotated).hash('596183'))).toBe(false);
  });

  it.each([
    ['passes', { memoryKib: 2048, passes: 1 }, { memoryKib: 2048, passes: 8 }],
    ['memory', { memoryKib: 1024, passes: 2 }, { memoryKib: 8192, passes: 2 }],
    ['both', { memoryKib: 1024, passes: 1 }, { memoryKib: 4096, passes: 3 }],
  ])('takes as long for a hash of fewer %s, right or wrong, as for none', async (_what, weaker, stronger) => {
    const weak = await ticketOf(await hasherWith([present], weaker)).hash('596183');
    const ticket = ticketOf(await hasherWith([present], stronger));
    const times = { none: [] as number[], right: [] as number[], wrong: [] as number[] };
    const timed = async (of: keyof typeof times, pin: string, stored: StoredHash | null) => {
      const began = performance.now();
      await ticket.verify(pin, stored);
      times[of].push(performance.now() - began);
    };
    for (let round = 0; round < 15; round += 1) {
      await timed('none', '596183', null);
      await timed('right', '596183', weak);
      await timed('wrong', '111111', weak);
    }
    const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
    // Without the difference it would be an eighth, an eighth, and a twelfth.
    for (const of of ['right', 'wrong'] as const) {
      const ratio = median(times[of]) / median(times.none);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  });

  it('calls weaker parameters outdated, and stronger ones not', async () => {
    const weak = await ticketOf(await hasherWith([present])).hash('596183');
    const stronger = await hasherWith([present], { passes: 2 });
    expect(stronger.isOutdated(weak)).toBe(true);
    expect(await ticketOf(stronger).verify('596183', weak)).toBe(true);
    const strong = await ticketOf(stronger).hash('596183');
    expect((await hasherWith([present])).isOutdated(strong)).toBe(false);
  });

  it.each([
    ['empty', ''],
    ['bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    [
      'argon2d',
      '$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b7daw0000000000000000000000000',
    ],
    ['cut short', '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ'],
    ['greedy', `$argon2id$v=19$m=9999999,t=9,p=1$c29tZXNhbHRzb21lc2FsdA$${'A'.repeat(43)}`],
    ['plain', '596183'],
  ])('denies a hash that is %s, without an exception', async (_name, hash) => {
    const hasher = await hasherWith([present]);
    const stored: StoredHash = { hash, pepperId: createPeppers([present]).current.id };
    expect(await ticketOf(hasher).verify('596183', stored)).toBe(false);
    expect(hasher.isOutdated(stored)).toBe(true);
  });
});

describe('the queue', () => {
  it('refuses what would have to wait too long, and takes more when a ticket comes back', async () => {
    const hasher = await hasherWith([present], {}, 0);
    const [one, two] = [ticketOf(hasher), ticketOf(hasher)];
    expect(hasher.admit()).toBeNull();
    one.release();
    one.release();
    ticketOf(hasher);
    expect(hasher.admit()).toBeNull();
    two.release();
    expect(hasher.stats().admitted).toBe(1);
  });

  it('is crowded a little before it refuses', async () => {
    const hasher = await hasherWith([present], {}, 0);
    expect(hasher.isCrowded()).toBe(false);
    const one = ticketOf(hasher);
    expect(hasher.isCrowded()).toBe(false);
    const two = ticketOf(hasher);
    expect(hasher.isCrowded()).toBe(true);
    for (const ticket of [one, two]) ticket.release();
    expect(hasher.isCrowded()).toBe(false);
  });
});

describe('in the background', () => {
  /** A hasher that notes how many hashes have begun and how many are computed at a time. */
  async function watched(concurrency: number) {
    const peppers = createPeppers([present]);
    let begun = 0;
    let running = 0;
    let mostRunning = 0;
    const watching = {
      ...peppers,
      // The pepper is asked for when a hash begins.
      get current() {
        begun += 1;
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        return peppers.current;
      },
    };
    const onHash = () => {
      running -= 1;
    };
    const hasher = await createHasher({ peppers: watching, cost, concurrency, longestWaitMs: 0, onHash });
    begun = 0;
    mostRunning = 0;
    return { hasher, begun: () => begun, mostRunning: () => mostRunning };
  }

  it('hashes as a ticket does', async () => {
    const hasher = await hasherWith([present]);
    expect(await ticketOf(hasher).verify('596183', await hasher.hashInBackground('596183'))).toBe(true);
  });

  it.each([1, 2, 3])('never takes room from callers, with %i at a time', async (concurrency) => {
    const { hasher } = await watched(concurrency);
    const many = Promise.all(Array.from({ length: 20 }, () => hasher.hashInBackground('596183')));
    const tickets = Array.from({ length: concurrency }, () => ticketOf(hasher));
    expect(hasher.stats()).toMatchObject({ admitted: concurrency, waiting: 0 });
    for (const ticket of tickets) ticket.release();
    await many;
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
  ])('leaves callers a core where there are several: of %i it takes %i', async (concurrency, most) => {
    const { hasher, mostRunning } = await watched(concurrency);
    await Promise.all(Array.from({ length: 12 }, () => hasher.hashInBackground('596183')));
    expect(mostRunning()).toBe(most);
  });

  it('begins nothing while a ticket is out that may need the core, not even between two of its hashes', async () => {
    const { hasher, begun } = await watched(1);
    const first = hasher.hashInBackground('596183');
    const second = hasher.hashInBackground('596183');
    const ticket = ticketOf(hasher);
    await first;
    expect(begun()).toBe(1);
    await ticket.hash('596183');
    await ticket.hash('596183');
    expect(begun()).toBe(3);
    ticket.release();
    await second;
    expect(begun()).toBe(4);
  });

  it('waits no longer when it is told to stop, and never begins', async () => {
    const { hasher, begun } = await watched(1);
    const ticket = ticketOf(hasher);
    const gone = new AbortController();
    const waiting = hasher.hashInBackground('596183', gone.signal);
    const other = hasher.hashInBackground('596183');
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(hasher.hashInBackground('596183', gone.signal)).rejects.toThrow('gone');
    ticket.release();
    await other;
    expect(begun()).toBe(1);
  });
});

describe('peppers', () => {
  it('blind the same value the same way for one purpose only, and tell nothing of it', () => {
    const peppers = createPeppers([present]);
    expect(peppers.blind('extension', '4711')).toBe(peppers.blind('extension', '4711'));
    expect(peppers.blind('caller', '4711')).not.toBe(peppers.blind('extension', '4711'));
    expect(createPeppers([old]).blind('extension', '4711')).not.toBe(peppers.blind('extension', '4711'));
    expect(peppers.blind('extension', '4711')).toMatch(/^[\w-]{22}$/);
  });
});
