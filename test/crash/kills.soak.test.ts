import { afterAll, beforeAll, describe, it } from 'vitest';
import { runs, seededRandom } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { settingsFor } from '../support/redis-for-service.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type Kills, surviveKills } from './kills.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ settings: ['--appendfsync', 'always'] });
});
afterAll(() => redis.remove());

describe('kill -9 at random moments under load', () => {
  it('of the service on the embedded store', async () => {
    await soak('the service, embedded store', { times: runs(60), random: seededRandom('embedded') });
  });

  it('of the service on Redis', async () => {
    await redis.command('FLUSHALL');
    const [env, random] = [settingsFor(redis), seededRandom('service on Redis')];
    await soak('the service, on Redis', { times: runs(20), random, env });
  });

  it('of Redis under the service', async () => {
    await redis.command('FLUSHALL');
    const [env, random] = [settingsFor(redis), seededRandom('Redis')];
    await soak('Redis (appendfsync always)', { times: runs(20), random, env, redis });
  });
});

async function soak(killed: string, kills: Kills): Promise<void> {
  const survived = await surviveKills(kills);
  reportRow('Killed by SIGKILL at random moments under load', {
    killed,
    kills: survived.kills,
    'requests answered': survived.answers,
    users: survived.users,
    'answered changes lost': 0,
    'guesses given back': 0,
    'torn documents or indexes': 0,
    'audit records in an unbroken chain': survived.auditRecords,
    mails: survived.mails,
    'of them sent twice': survived.mailsSentTwice,
  });
}
