/**
 * What a number of calls an hour takes, computed from what one call costs. Everything here is arithmetic over measured figures, so
 * that it can be done again with those of another machine.
 */

/** What one call costs, from the first webhook to the report of its end: seconds of CPU, commands, bytes. */
export interface CallCosts {
  /** One hash, at the cost of production. */
  readonly hashSeconds: number;
  /** The service's other work on all its threads. */
  readonly serviceSeconds: number;
  /** The part of it on the main thread, of which a process has one. */
  readonly mainThreadSeconds: number;
  /** Redis, which runs commands on one thread as well. */
  readonly redisSeconds: number;
  readonly redisCommands: number;
  readonly bytesToRedis: number;
  readonly bytesFromRedis: number;
  /** What the append-only file grows by. */
  readonly appendedBytes: number;
  /** What Redis holds of a call until it is forgotten. */
  readonly keptBytes: number;
  /** How many of the commands touch what all calls share: keys that lie on one node, however many there are. */
  readonly sharedCommands: number;
}

export interface AccountCosts {
  readonly memoryBytes: number;
  readonly fileBytes: number;
}

/** How much of a thread or a core may be in use on average before what waits for it begins to pile up. */
export const usable = 0.7;

/** For so long a call is remembered after its last webhook, and Redis keeps it a minute longer. */
const rememberedSeconds = 31 * 60;

/** @returns seconds of CPU that they cost for a call, all on one node at worst. Commands are taken to cost alike. */
function sharedSeconds({ redisSeconds, redisCommands, sharedCommands }: CallCosts): number {
  return (redisSeconds * sharedCommands) / redisCommands;
}

/** What so many calls an hour take, evenly spread over it. */
export interface Demand {
  readonly perSecond: number;
  /** Cores busy with hashes, with the service's other work, and with Redis. */
  readonly hashCores: number;
  readonly serviceCores: number;
  readonly redisCores: number;
  /** So many, each in use as much as is usable. */
  readonly cores: number;
  readonly processes: number;
  readonly redisNodes: number;
  readonly redisCommands: number;
  /** Bytes a second, both ways. */
  readonly redisTraffic: number;
  readonly appendedBytesPerHour: number;
  /** Memory of calls that are remembered. */
  readonly callBytes: number;
  /** The part of a node that everybody's keys take. */
  readonly sharedPart: number;
}

export function demandOf(callsPerHour: number, costs: CallCosts): Demand {
  const perSecond = callsPerHour / 3600;
  const hashCores = perSecond * costs.hashSeconds;
  const serviceCores = perSecond * costs.serviceSeconds;
  const redisCores = perSecond * costs.redisSeconds;
  return {
    perSecond,
    hashCores,
    serviceCores,
    redisCores,
    cores: Math.ceil((hashCores + serviceCores + redisCores) / usable),
    processes: Math.ceil((perSecond * costs.mainThreadSeconds) / usable),
    redisNodes: nodesFor(perSecond, costs),
    redisCommands: perSecond * costs.redisCommands,
    redisTraffic: perSecond * (costs.bytesToRedis + costs.bytesFromRedis),
    appendedBytesPerHour: callsPerHour * costs.appendedBytes,
    callBytes: perSecond * rememberedSeconds * costs.keptBytes,
    sharedPart: perSecond * sharedSeconds(costs),
  };
}

/** The fewest nodes on which the busiest isn't too busy; Infinity when everybody's keys alone are too much for one. */
function nodesFor(perSecond: number, costs: CallCosts): number {
  const shared = perSecond * sharedSeconds(costs);
  const spread = Math.max(0, perSecond * costs.redisSeconds - shared);
  for (let nodes = 1; nodes <= accountPartitionCount; nodes += 1) {
    if (shared + spread * busiestShare(nodes) <= usable) return nodes;
  }
  return Number.POSITIVE_INFINITY;
}

/** Something that can be used up. `callsPerHour`: how many it takes at most. */
export interface Limit {
  readonly what: string;
  readonly callsPerHour: number;
  /** What to do then; null: that is the end. */
  readonly remedy: string | null;
}

/** What is used up, the first to be so first. @param coresPerMachine of a machine that runs the service alone. */
export function limitsOf(costs: CallCosts, coresPerMachine: number): Limit[] {
  const hourly = (seconds: number) => (usable / seconds) * 3600;
  const limits: Limit[] = [
    {
      what: `${coresPerMachine} cores for hashes and the service's other work`,
      callsPerHour: hourly((costs.hashSeconds + costs.serviceSeconds) / coresPerMachine),
      remedy: 'another machine, or fewer passes if they were raised',
    },
    {
      what: 'the main thread of one process',
      callsPerHour: hourly(costs.mainThreadSeconds),
      remedy: 'another process, which needs Redis',
    },
    {
      what: 'one Redis',
      callsPerHour: hourly(costs.redisSeconds),
      remedy: 'a Cluster of three nodes or more',
    },
    {
      what: 'the node of a Cluster that has what all calls share',
      callsPerHour: hourly(sharedSeconds(costs)),
      remedy: null,
    },
  ];
  return limits.sort((a, b) => a.callsPerHour - b.callsPerHour);
}

const accountPartitionCount = 256;
const slotCount = 16_384;

/** How many of the account partitions the busiest of so many nodes has, as a part of all; slots are dealt out in equal runs. */
export function busiestShare(nodes: number): number {
  const counts = Array.from({ length: nodes }, () => 0);
  for (let partition = 0; partition < accountPartitionCount; partition += 1) {
    const node = Math.floor((slotOf(`p${partition}`) * nodes) / slotCount);
    counts[node] = (counts[node] ?? 0) + 1;
  }
  return Math.max(...counts) / accountPartitionCount;
}

/** The slot of a hash tag: CRC-16/XMODEM, modulo the number of slots (Redis Cluster specification, "Key distribution model"). */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
    }
  }
  return crc % slotCount;
}
