import { describe, it, onTestFinished } from 'vitest';
import { runs, soakSeed } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { fakeClock } from '../support/clock.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { withTestService } from '../support/service.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Cluster, checkModel, modelSettings } from './check-model.ts';
import { clusterOf } from './in-process.ts';

const redis = useRedis('node');
const PUBLIC_URL = 'https://pin.example.com';

describe('the service and the model side by side', () => {
  it('agree on the embedded store', async () => {
    await withTestService({ env: { ...modelSettings, LOG_LEVEL: 'warn' } }, (ringkey) =>
      soak('one process, embedded', clusterOf([ringkey]), 100),
    );
  });

  it('agree when two processes share a Redis', async () => {
    const env = { ...(await redis.emptied()), ...modelSettings, PUBLIC_URL, LOG_LEVEL: 'warn' };
    await soak('two processes, one Redis', await startTwo(env), 150);
  });
});

async function soak(where: string, cluster: Cluster, full: number): Promise<void> {
  const stories = runs(full);
  const began = performance.now();
  const commands = await checkModel(cluster, { runs: stories, commands: 30, seed: soakSeed });
  const seconds = Math.round((performance.now() - began) / 1000);
  reportRow('Model test: stories that service and model were led through side by side', {
    where,
    stories,
    commands,
    'seconds in all': seconds,
    disagreements: 0,
  });
}

async function startTwo(env: Readonly<Record<string, string>>): Promise<Cluster> {
  const clock = fakeClock();
  const start = async () => {
    const own = { ...env, DATA_DIR: temporaryFolder() };
    const service = await startServiceProcess({ env: own, startAt: clock.now() });
    onTestFinished(() => service.end('SIGKILL'));
    return service;
  };
  const services = await Promise.all([start(), start()]);
  return {
    instances: services.map((service) => ({
      ...service,
      hashes: () => service.figure('ringkey_hash_seconds_count'),
    })),
    publicOrigin: PUBLIC_URL,
    authToken: services[0].authToken,
    now: clock.now,
    async advance(ms) {
      clock.advance(ms);
      await Promise.all(services.map((service) => service.advance(ms)));
    },
  };
}
