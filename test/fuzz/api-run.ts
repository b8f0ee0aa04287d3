/** A service whose API is fuzzed, and what must be true of it afterwards. */
import { expect } from 'vitest';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { withTestService } from '../support/service.ts';
import { watchRejections } from './afterwards.ts';
import { type ApiFindings, fuzzApi } from './api.ts';

/** What a service may hold more than before, whatever it was sent: caches that fill up, code that was compiled meanwhile. */
const slackBytes = 4 * 1024 * 1024;

interface ApiRun {
  readonly count: number;
  readonly seed: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Fuzzes the API of a service of its own with `count` requests and holds it to everything that it promises. */
export async function runApiFuzz({ count, seed, env }: ApiRun): Promise<ApiFindings> {
  return watchRejections((rejections) =>
    withTestService({ env }, async (ringkey) => {
      await ringkey.addUser({ extension: '4700', displayName: 'Ada' }, '596183');
      const found = await fuzzApi({ ringkey, count, seed });
      expect(found.mistakes, found.mistakes.join('\n')).toEqual([]);
      expect(rejections).toEqual([]);
      expect(found.heldLate - found.heldEarly).toBeLessThan(slackBytes);

      const trail = await ringkey.api('GET', '/audit/verification');
      expect(trail.body).toMatchObject({ intact: true, problem: null });
      const actor = { kind: 'rule', name: 'test', from: null } as const;
      await ringkey.service.policies.put('default', { policy: defaultPolicy, units: [] }, actor);
      await ringkey.addUser({ extension: '99004711' }, '596183');
      const call = await ringkey.dial({ from: '+4930123456' });
      await call.press('99004711#596183#');
      expect(await ringkey.figure('ringkey_pin_attempts_total{outcome="right"}')).toBe(1);
      return found;
    }),
  );
}
