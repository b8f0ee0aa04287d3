/** What a single Redis, or the network before it, can do to the service, each with how it begins and ends. */
import type { Fault } from '../support/fault-proxy.ts';
import type { FaultyRedis } from './faulty-redis.ts';

export interface StoreFault {
  readonly name: string;
  begin(on: FaultyRedis): Promise<void>;
  end(on: FaultyRedis): Promise<void>;
  /** Whether callers hear an apology while it lasts. */
  readonly isHeard: boolean;
}

const byProxy = (name: string, fault: Fault, isHeard = true): StoreFault => ({
  name,
  isHeard,
  begin: async ({ proxy }) => proxy.set(fault),
  end: async ({ proxy }) => proxy.set({ type: 'none' }),
});

const byCommands = (
  name: string,
  begin: readonly string[],
  end: readonly string[],
  isHeard = true,
): StoreFault => ({
  name,
  isHeard,
  begin: async ({ redis }) => void (await redis.command(...begin)),
  end: async ({ redis }) => void (await redis.command(...end)),
});

const isScript = ([command]: readonly string[]) => command === 'EVALSHA' || command === 'EVAL';

/** Each third answer to a script breaks off. */
function eachThirdScript(): (command: readonly string[]) => boolean {
  let scripts = 0;
  return (command) => {
    if (isScript(command)) scripts += 1;
    return isScript(command) && scripts % 3 === 0;
  };
}

export const storeFaults: readonly StoreFault[] = [
  byProxy('slow: each answer after 1.2 s', { type: 'slow', ms: 1200 }),
  byProxy('cut: connections dropped, new ones too', { type: 'cut' }),
  byProxy('half-open: taken and never answered', { type: 'half-open' }),
  byProxy('reset in the middle of an answer', { type: 'reset', when: eachThirdScript() }),
  byCommands('a read-only replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']),
  byCommands('out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']),
  byCommands('its scripts forgotten', ['SCRIPT', 'FLUSH'], ['SCRIPT', 'FLUSH'], false),
];
