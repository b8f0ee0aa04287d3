import { describe, it } from 'vitest';
import { withTestService } from '../support/service.ts';
import { checkModel, modelSettings } from './check-model.ts';
import { clusterOf } from './in-process.ts';

describe('the embedded store', () => {
  it('does what the model says, whatever callers and administrators do', async () => {
    await withTestService({ env: modelSettings }, async (ringkey) => {
      await checkModel(clusterOf([ringkey]), { runs: 30, commands: 12, seed: 1 });
    });
  }, 300_000);
});
