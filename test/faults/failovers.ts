/** Failovers, planned and not, of a Cluster's node and of what Sentinels watch. */
import { onTestFinished } from 'vitest';
import { type RedisServer, startRedisCluster, startRedisWithSentinel } from '../support/redis-server.ts';
import { sentinelMs, waitUntil } from '../support/wait-until.ts';

export interface FailoverGroup {
  readonly url: string;
  /** Makes a replica the primary, and resolves when the former primary follows it. */
  failOver(): Promise<void>;
  /** How often a replica has become the primary so far, in its own time too. */
  takeovers(): Promise<number>;
}

export type FailoverKind =
  | 'CLUSTER FAILOVER'
  | 'a node of a Cluster killed'
  | 'SENTINEL FAILOVER'
  | 'the primary of a Sentinel killed';

/** Starts one for the running test. */
export async function startFailoverGroup(kind: FailoverKind): Promise<FailoverGroup> {
  return kind.includes('SENTINEL') || kind.includes('Sentinel')
    ? sentinelGroup(kind === 'the primary of a Sentinel killed')
    : clusterGroup(kind === 'a node of a Cluster killed');
}

async function clusterGroup(byKill: boolean): Promise<FailoverGroup> {
  const cluster = await startRedisCluster({ withReplicas: true });
  onTestFinished(() => cluster.remove());
  const pairs = [0, 1, 2].map((index) => [cluster.nodes[index], cluster.nodes[index + 3]] as const);
  let turn = 0;
  return {
    url: cluster.url,
    // A node that nobody killed is never taken for gone here: its time for that is two seconds.
    takeovers: async () => turn,
    async failOver() {
      const [primary, replica] = await inRoles(pairs[turn % pairs.length] ?? []);
      turn += 1;
      if (byKill) await primary.kill9();
      else await replica.command('CLUSTER', 'FAILOVER');
      await waitUntil('the replica is the primary', async () => (await roleOf(replica)) === 'master');
      if (byKill) await primary.restart();
      await waitUntil('the former primary follows', () => isFollowing(primary));
    },
  };
}

async function sentinelGroup(byKill: boolean): Promise<FailoverGroup> {
  const group = await startRedisWithSentinel();
  onTestFinished(() => group.remove());
  const { primary: one, replica: other, nodes } = group;
  const [, , sentinel] = nodes;
  /** What the Sentinel knows, by name. */
  async function known(): Promise<ReadonlyMap<string, string>> {
    const told = await sentinel?.command('SENTINEL', 'MASTER', 'ringkey');
    const words = Array.isArray(told) ? told.map(String) : [];
    return new Map(words.flatMap((name, index) => (index % 2 === 0 ? [[name, words[index + 1] ?? '']] : [])));
  }
  /** Each failover raises the epoch of what is watched by one, beginning with 0. */
  const takeovers = async () => Number((await known()).get('config-epoch'));
  return {
    url: group.url,
    takeovers,
    async failOver() {
      const [primary, replica] = await inRoles([one, other]);
      const before = await takeovers();
      if (byKill) await primary.kill9();
      else await sentinel?.command('SENTINEL', 'FAILOVER', 'ringkey');
      const isPrimary = async () => (await roleOf(replica)) === 'master';
      await waitUntil('the replica is the primary', isPrimary, sentinelMs);
      if (byKill) await primary.restart();
      // On a busy machine the Sentinel may take the new primary for gone as well, and turn back.
      await waitUntil(
        'one follows the other, as the Sentinel knows',
        async () => {
          const facts = await known();
          // Until it has ended what it began, what is told here would undo it.
          if (facts.get('flags') !== 'master' || Number(facts.get('config-epoch')) <= before) return false;
          const [leader, follower] =
            facts.get('port') === String(primary.port) ? [primary, replica] : [replica, primary];
          const isLed = (await roleOf(leader)) === 'master';
          if (isLed && (await isFollowing(follower))) return true;
          // The Sentinel does it too, but takes its time. What is told while it acts may leave two that follow each other.
          if (!isLed) await tell(leader, 'REPLICAOF', 'NO', 'ONE');
          if ((await roleOf(follower)) === 'master')
            await tell(follower, 'REPLICAOF', '127.0.0.1', String(leader.port));
          return false;
        },
        sentinelMs,
      );
    },
  };
}

async function inRoles(
  pair: readonly (RedisServer | undefined)[],
): Promise<readonly [primary: RedisServer, replica: RedisServer]> {
  const [one, other] = pair;
  if (one === undefined || other === undefined) throw new Error('A pair is missing.');
  return (await roleOf(one)) === 'master' ? [one, other] : [other, one];
}

/** Empty while it can't say: connections are dropped when a role changes. */
async function roleOf(server: RedisServer): Promise<string> {
  const role = await server.command('ROLE').catch(() => []);
  return Array.isArray(role) ? String(role[0]) : '';
}

/** A server that is just starting, or whose role changes, may not hear it. */
async function tell(server: RedisServer, ...command: string[]): Promise<void> {
  await server.command(...command).catch(() => {});
}

async function isFollowing(server: RedisServer): Promise<boolean> {
  const info = await server.command('INFO', 'replication').catch(() => '');
  return String(info).includes('master_link_status:up');
}
