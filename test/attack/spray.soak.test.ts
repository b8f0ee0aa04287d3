/** One PIN tried on a thousand extensions, from one number and from fifty: what it costs, what it opens, and who still gets in. */
import { expect, it } from 'vitest';
import { runs } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { withTestService } from '../support/service.ts';
import { callAtPin, hashesOf, spray } from './callers.ts';

const table = 'One PIN tried on a thousand extensions';
const [sprayed, other] = ['596183', '470295'];
const perCaller = 20;

const redis = useRedis('node');

it('stops whoever tries one PIN on a thousand extensions, on the embedded store', () =>
  sprayAll('the embedded store', {}, [1, 50]));

it('stops whoever tries one PIN on a thousand extensions, on Redis', async () =>
  sprayAll('Redis', await redis.emptied(), [50]));

/** @param all how many numbers are called from, in turn. */
async function sprayAll(
  where: string,
  env: Readonly<Record<string, string>>,
  all: readonly number[],
): Promise<void> {
  const count = runs(1000);
  // As many as are tried, so that a shorter run spends it too. At the full length it is what the service has by default.
  const perService = count;
  const settings = {
    APP_URL: 'https://app.example.com/calls',
    CALLER_FAILURES_PER_HOUR: String(perCaller),
    SERVICE_FAILURES_PER_HOUR: String(perService),
  };
  await withTestService({ env: { ...env, ...settings } }, async (ringkey) => {
    const extensions = Array.from({ length: count }, (_, n) => String(5000 + n));
    // Every other extension is nobody's; the tenth account has the PIN that is tried, and so has the last one.
    const withSprayed = new Set([10, count - 2]);
    for (const [n, extension] of extensions.entries()) {
      if (n % 2 === 0 && (n < 40 || withSprayed.has(n))) {
        const phoneNumbers = n === 0 ? ['+15551270000'] : [];
        await ringkey.addUser({ extension, phoneNumbers }, withSprayed.has(n) ? sprayed : other);
      } else if (n % 2 === 0) await ringkey.addUser({ extension });
    }
    for (const numbers of all) {
      // Each number tries its share and goes on to the next: as cheap as it can be made.
      ringkey.clock.advance(2 * 3_600_000);
      const share = Math.ceil(count / numbers);
      const most = Math.min(numbers * perCaller, perService);
      /** Failures within the hour, as the service has charged them. */
      let spent = 0;
      for (const round of [1, 2]) {
        const before = await hashesOf(ringkey);
        const alertsBefore = await ringkey.figure('ringkey_alerts_total{scope="caller"}');
        const outcomes = await spray(
          ringkey,
          round === 1 ? sprayed : '821764',
          extensions,
          (index) => `+1555128${1000 + Math.floor(index / share)}`,
        );
        const hashes = (await hashesOf(ringkey)) - before;
        const opened = outcomes.filter((outcome) => outcome === 'right').length;
        const wrong = outcomes.filter((outcome) => outcome === 'wrong').length;
        expect(hashes).toBe(opened + wrong);
        // Of the two accounts with that PIN, one comes after what a single caller may try.
        if (round === 1) expect(opened).toBe(numbers === 1 ? 1 : 2);
        expect(wrong).toBeLessThanOrEqual(most - spent);
        spent += wrong;

        // The owner comes from a number of their own, by which the service knows them; nobody else's number was used up.
        const owner = await callAtPin(ringkey, null, '+15551270000');
        expect((await owner.key(other)).body).toContain('assertion=');
        // From elsewhere they are a stranger, who gets in for as long as the service has failures left.
        const stranger = await callAtPin(ringkey, '5002', '+15551271111');
        const strangerIn = (await stranger.key(other)).body.includes('assertion=');
        expect(strangerIn).toBe(spent < perService);
        reportRow(table, {
          service: where,
          'numbers called from': numbers,
          'PIN, within one hour': round === 1 ? 'the first' : 'a second',
          'extensions tried': count,
          'hashes computed': hashes,
          'turned away': outcomes.filter((outcome) => outcome === 'turned away').length,
          'accounts opened, of two with that PIN': round === 1 ? opened : '–',
          'callers reported': (await ringkey.figure('ringkey_alerts_total{scope="caller"}')) - alertsBefore,
          'an owner from a number of their own': 'gets in',
          'an owner from elsewhere': strangerIn ? 'gets in' : 'is turned away',
        });
      }
      // Fifty numbers are enough to spend what the service has, or the second round would show nothing.
      if (numbers === 50) expect(spent).toBe(perService);
    }
  });
}
