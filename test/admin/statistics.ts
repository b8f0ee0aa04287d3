/**
 * The figures by the hour, over HTTP. Run on each engine.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestService, type TestService } from '../support/service.ts';

const answer = z.object({ hours: z.array(z.record(z.string(), z.union([z.string(), z.number()]))) });
const hourMs = 3_600_000;

export function describeStatistics(
  engine: string,
  env: () => Promise<Readonly<Record<string, string>>>,
): void {
  describe(`statistics on ${engine}`, () => {
    let ringkey: TestService;
    let settings: Readonly<Record<string, string>>;
    beforeAll(async () => {
      settings = { ...(await env()), CALLER_FAILURES_PER_HOUR: '4' };
      ringkey = await startTestService({ env: settings, policy: { maxLogonAttempts: 3 } });
      await ringkey.addUser({ extension: '4711' }, '596183');
    });
    afterAll(() => ringkey.stop());

    const read = async (from = ringkey) => answer.parse((await from.api('GET', '/statistics')).body).hours;
    const last = async () => (await read()).at(-1);

    async function call(...keys: string[]): Promise<void> {
      const call = await ringkey.dial();
      for (const key of keys) await call.press(key);
      await call.hangUp();
    }

    it('has an hour for each of seven days, the present one last, and nothing before anything happened', async () => {
      ringkey.clock.advance(hourMs);
      const hours = await read();
      const now = Math.floor(ringkey.clock.now() / hourMs) * hourMs;
      expect(hours.map(({ at }) => Date.parse(String(at)))).toEqual(
        Array.from({ length: 168 }, (_, index) => now - (167 - index) * hourMs),
      );
      expect(hours.at(-1)).toMatchObject({ signIns: 0, failedTries: 0, locks: 0, refusedPins: 0, alerts: 0 });
    });

    it('counts sign-ins, failed tries, locks, refused PINs and alerts in the hour in which they happen', async () => {
      ringkey.clock.advance(hourMs);
      await call('4711#', '596183#');
      await ringkey.api('POST', '/users/4711/pin/reset', { pin: '123456' });
      await ringkey.api('POST', '/users/4711/pin/reset?dryRun=true', { pin: '123456' });
      expect(await last()).toMatchObject({ signIns: 1, failedTries: 0, locks: 0, refusedPins: 1, alerts: 0 });
      ringkey.clock.advance(hourMs);
      await call('4711#', '111112#', '111112#', '111112#');
      await call('4712#', '111112#');
      expect(await last()).toMatchObject({ signIns: 0, failedTries: 4, locks: 1, refusedPins: 0, alerts: 1 });
      expect((await read()).at(-2)).toMatchObject({ signIns: 1, failedTries: 0 });
    });

    it('counts the PINs that callers choose and the policy refuses', async () => {
      ringkey.clock.advance(hourMs);
      await ringkey.api('POST', '/users/4711/pin/reset', { pin: '740296' });
      const before = await last();
      await call('4711#', '740296#', '123456#', '1#');
      expect(await last()).toMatchObject({ refusedPins: Number(before?.refusedPins) + 2 });
    });

    it('forgets after seven days', async () => {
      ringkey.clock.advance(hourMs);
      await call('4711#', '111112#');
      ringkey.clock.advance(167 * hourMs);
      expect((await read())[0]).toMatchObject({ failedTries: 1 });
      ringkey.clock.advance(hourMs);
      expect((await read()).every(({ failedTries }) => failedTries === 0)).toBe(true);
    });

    it('keeps what was counted when the service stops', async () => {
      const { dataDir, clock } = ringkey;
      const first = await startTestService({
        env: settings,
        clock,
        ...(settings.REDIS_URL === undefined ? {} : { dataDir }),
      });
      const its = first.dataDir;
      await first.addUser({ extension: '4799' });
      await first.api('PATCH', '/users/4799/pin', { lockedOut: true });
      await first.service.stop();
      const second = await startTestService({ env: settings, clock, dataDir: its });
      expect((await read(second)).at(-1)).toMatchObject({ locks: 1 });
      await second.stop();
    });
  });
}
