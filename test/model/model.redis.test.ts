import { describe, it } from 'vitest';
import { fakeClock } from '../support/clock.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { withTestService } from '../support/service.ts';
import { checkModel, modelSettings } from './check-model.ts';
import { clusterOf } from './in-process.ts';

const redis = useRedis('node');

describe('two services on one Redis', () => {
  it('do what the model says together, whatever callers and administrators do', async () => {
    const env = { ...redis.settings(), ...modelSettings, PUBLIC_URL: 'https://pin.example.com' };
    const clock = fakeClock();
    await withTestService({ env, clock }, (one) =>
      withTestService({ env, clock }, async (two) => {
        await checkModel(clusterOf([one, two]), { runs: 15, commands: 12, seed: 1 });
      }),
    );
  }, 300_000);
});
