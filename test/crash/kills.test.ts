import { describe, it } from 'vitest';
import { seededRandom } from '../soak/budget.ts';
import { surviveKills } from './kills.ts';

describe('kill -9 of the service under load, on the embedded store', () => {
  it('loses nothing that was answered, gives no guess back, and leaves nothing torn', async () => {
    await surviveKills({ times: 2, random: seededRandom('kills', 1) });
  }, 120_000);
});
