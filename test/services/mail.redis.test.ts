import { describe, expect, it, vi } from 'vitest';
import { fakeClock } from '../support/clock.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { startTestService } from '../support/service.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { describeMail } from './mail.ts';

const redis = useRedis('node');
describeMail('Redis', redis.emptied, redis.dump);

describe('two processes on one Redis', () => {
  it('send each mail once, whichever is first, and what the other has left', async () => {
    const server = await startSmtpServer();
    const env = { ...(await redis.emptied()), SMTP_URL: server.url, MAIL_FROM: 'pin@example.com' };
    const clock = fakeClock();
    const services = [
      await startTestService({ env, clock }),
      await startTestService({ env, clock }),
    ] as const;
    try {
      const [one] = services;
      server.trouble = { greeting: { reply: 421 } };
      const extensions = Array.from({ length: 40 }, (_, n) => String(2000 + n));
      for (const extension of extensions) {
        await one.api('POST', '/users', { extension, email: `${extension}@example.com` });
        await one.api('POST', `/users/${extension}/pin/reset`, {});
      }
      // The second one may still be on its first round, and try some of them.
      const failed = async () => {
        const each = services.map((service) => service.figure('ringkey_mails_total{outcome="failed"}'));
        return (await Promise.all(each)).reduce((sum, figure) => sum + figure);
      };
      await vi.waitFor(async () => expect(await failed()).toBe(40), { timeout: 10_000 });
      server.trouble = {};
      clock.advance(3 * 60_000);
      await Promise.all(services.map(({ service }) => service.runMailRound()));
      expect(server.mails.flatMap(({ to }) => to).sort()).toEqual(
        extensions.map((extension) => `${extension}@example.com`),
      );
      const sent = 'ringkey_mails_total{outcome="sent"}';
      const figures = await Promise.all(services.map((service) => service.figure(sent)));
      expect(figures.map((figure) => figure > 0)).toEqual([true, true]);
      expect(figures.reduce((sum, figure) => sum + figure)).toBe(40);
    } finally {
      for (const service of services) await service.stop();
    }
  });
});
