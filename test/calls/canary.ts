/**
 * One PIN, unlike any other number here, is keyed and typed in every flow; then everything that Ringkey wrote or said is searched
 * for it. Run on each engine.
 */
import { describe, expect, it } from 'vitest';
import { sendWebhook } from '../../src/phone/webhook-client.ts';
import { startTestService } from '../support/service.ts';

const canary = '907364';
const next = '470295';

/** @param readStore everything in the store, keys and values, as text. */
export function describeCanary(
  engine: string,
  env: () => Promise<Readonly<Record<string, string>>>,
  readStore: (dataDir: string) => Promise<string>,
): void {
  describe(`a canary PIN on ${engine}`, () => {
    it('is in no log, figure, store, address, TwiML or error', async () => {
      const ringkey = await startTestService({
        env: { ...(await env()), CALLER_FAILURES_PER_HOUR: '100' },
        policy: { minDigitsChanged: 2 },
      });
      const answers: string[] = [];
      const keep = ({ text, headers }: { text: string; headers: Headers }) =>
        answers.push(text, JSON.stringify([...headers]));
      const api = async (...args: Parameters<typeof ringkey.api>) => keep(await ringkey.api(...args));
      try {
        const from = '+15551260001';
        await api('POST', '/users', { extension: '4711', displayName: 'Ada', phoneNumbers: [from] });
        await api('POST', '/users/4711/pin/reset', { pin: canary });
        await api('POST', '/users/4711/pin/reset', { pin: `${canary}x` });
        await api('POST', '/users/4711/pin/reset', `{"pin":"${canary}"`);
        await api('POST', '/users/4711/pin/reset', { pin: canary, unknown: canary });
        await api('POST', '/users/4711/pin/reset', { pin: Number(canary) });
        await api('PATCH', '/users/4711/pin', { lockedOut: canary });
        await api('POST', '/users', { extension: '4712', shoeSize: canary });

        const calls = [];
        const call = async (keys: string, caller = '+15551260002') => {
          const placed = await ringkey.dial({ from: caller });
          calls.push(placed);
          for (const entry of keys.match(/[0-9*]*#|\S/g) ?? [])
            if (placed.ended === null) await placed.press(entry);
          return placed;
        };
        // Right, wrong, as an extension, as a new PIN refused and accepted, as a current PIN, mistyped, hung up on.
        const change = await call(`4711#${canary}#*#${canary}#${next}#${canary}#${next}#${next}#`);
        expect(change.heard()).toMatch(/changed/);
        await call(`4711#${canary}#`);
        await call(`${canary}#${canary}#${canary}#${canary}#`);
        await call(`4711#${next}#2${next}#${canary}#`).then((placed) => placed.hangUp());
        await call(`${canary}*#`, from);
        await ringkey.api('POST', '/users/4711/pin/reset', { pin: canary });
        const started = await ringkey.dial({ from: '+15551260003' });
        await started.press('4711#');
        const asked = started.requests.at(-1);
        const action = /action="([^"]+)"/.exec(asked?.answer?.body ?? '')?.[1] ?? '';
        for (const forged of [
          {},
          { signature: 'x' },
          { contentType: 'application/json' },
          { body: `Digits=${canary}&Digits=1` },
        ]) {
          const { body } = await sendWebhook({
            url: ringkey.service.url + new URL(action).pathname,
            signUrl: action,
            authToken: ringkey.secrets.twilioAuthToken,
            params: { ...asked?.params, Digits: canary },
            ...forged,
          });
          answers.push(body);
        }
        calls.push(started);
        for (const { requests } of calls) {
          for (const { url, answer } of requests)
            answers.push(url, answer?.body ?? '', JSON.stringify([...(answer?.headers ?? [])]));
        }
        const metrics = await (await fetch(`${ringkey.service.url}/metrics`)).text();
        const stored = await readStore(ringkey.dataDir);
        const logged = ringkey.logged.join('');

        expect(stored.length).toBeGreaterThan(1000);
        expect(logged).toContain('pin-attempt');
        expect(metrics).toContain('ringkey_pin_attempts_total');
        const places = { stored, logged, metrics, answers: answers.join('\n') };
        for (const [place, text] of Object.entries(places)) {
          expect([place, text.includes(canary), text.includes(next)]).toEqual([place, false, false]);
        }
        for (const number of [from, '+15551260002']) {
          expect([number, logged.includes(number), metrics.includes(number)]).toEqual([number, false, false]);
        }
      } finally {
        await ringkey.stop();
      }
    });
  });
}
