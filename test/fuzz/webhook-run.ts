/** A service that is fuzzed with webhooks, and what must be true of it afterwards. */
import { expect } from 'vitest';
import { withTestService } from '../support/service.ts';
import { watchRejections } from './afterwards.ts';
import { fuzzWebhooks, type WebhookFindings } from './webhooks.ts';

const users = Array.from({ length: 20 }, (_, n) => ({
  extension: String(4100 + n),
  pin: String(596183 + 7919 * n),
}));

/** What a service may hold more than before, whatever it was sent: caches that fill up, code that was compiled meanwhile. */
const slackBytes = 3 * 1024 * 1024;

interface WebhookRun {
  readonly count: number;
  readonly seed: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Fuzzes a service of its own with `count` webhooks and holds it to everything that it promises. */
export async function runWebhookFuzz({ count, seed, env }: WebhookRun): Promise<WebhookFindings> {
  return watchRejections((rejections) =>
    withTestService(
      {
        env: {
          ...env,
          CALLER_FAILURES_PER_HOUR: '1000000',
          ANONYMOUS_FAILURES_PER_HOUR: '1000000',
          SERVICE_FAILURES_PER_HOUR: '1000000',
        },
        policy: { allowCommonPatterns: true, maxLogonAttempts: 999, maxFailuresBeforeHardLock: 999 },
      },
      async (ringkey) => {
        for (const { extension, pin } of users) await ringkey.addUser({ extension }, pin);
        const pins = new Map(users.map(({ extension, pin }) => [extension, pin]));
        const hashesBefore = await ringkey.figure('ringkey_hash_seconds_count');
        const found = await fuzzWebhooks({ ringkey, pins, count, seed });
        expect(found.mistakes, found.mistakes.join('\n')).toEqual([]);
        expect(rejections).toEqual([]);

        const hashes = (await ringkey.figure('ringkey_hash_seconds_count')) - hashesBefore;
        const signIns = await ringkey.figure('ringkey_pin_attempts_total{outcome="right"}');
        expect(signIns).toBeLessThanOrEqual(found.rightPins);
        // A caller may set a new PIN, which is hashed once more than the keyed one.
        expect(hashes).toBeLessThanOrEqual(2 * found.keyed);
        if (count >= 1000) {
          expect([signIns > 0, hashes > 0, found.genuine > found.sent / 5]).toEqual([true, true, true]);
        }
        expect(found.heldLate - found.heldEarly).toBeLessThan(slackBytes);

        await ringkey.addUser({ extension: '4711' }, '596183');
        const call = await ringkey.dial({ from: '+15559999' });
        await call.press('4711#596183#');
        expect(call.heard()).toMatch(/signed in|Goodbye|menu|status/i);
        expect(await ringkey.figure('ringkey_pin_attempts_total{outcome="right"}')).toBe(signIns + 1);
        return found;
      },
    ),
  );
}
