/**
 * Kills the service, or the Redis under it, in the middle of work, over and over, and looks after each time whether everything that was
 * answered is there, and whether what is there fits together.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { openRedisStore } from '../../src/store/redis.ts';
import type { Random } from '../soak/budget.ts';
import { fakeClock } from '../support/clock.ts';
import { checkConsistency } from '../support/consistency.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { withTestService } from '../support/service.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { beginWork, type Ledger, missing, newLedger } from './load.ts';

export interface Kills {
  readonly times: number;
  readonly random: Random;
  /** More settings of the service, such as those of a Redis. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is killed. Absent: the service. */
  readonly redis?: RedisServer;
}

/** What came of them. */
export interface Survived {
  readonly kills: number;
  readonly answers: number;
  readonly users: number;
  readonly mails: number;
  readonly mailsSentTwice: number;
  readonly auditRecords: number;
}

/** Every mail is due again by then, and every claim without its account is stale. */
const laterMs = 10 * 60_000;

/** Locks only when an administrator says so, and any digits as a PIN. */
const lenient = {
  maxLogonAttempts: 999,
  maxFailuresBeforeHardLock: 999,
  allowCommonPatterns: true,
};

/** @throws AssertionError when something was lost, given back or torn. */
export async function surviveKills({ times, random, env = {}, redis }: Kills): Promise<Survived> {
  const smtp = await startSmtpServer();
  const settings = {
    ...env,
    DATA_DIR: temporaryFolder(),
    LOG_LEVEL: 'warn',
    SMTP_URL: smtp.url,
    MAIL_FROM: 'pin@example.com',
    CALLER_FAILURES_PER_HOUR: '1000000',
    SERVICE_FAILURES_PER_HOUR: '100000000',
  };
  let service = await startServiceProcess({ env: settings });
  onTestFinished(() => service.end('SIGKILL'));
  expect((await service.api('PUT', '/policies/default', lenient)).status).toBe(200);

  const ledger = newLedger();
  for (let round = 1; round <= times; round += 1) {
    const before = new Set(ledger.users.keys());
    const work = beginWork(service, ledger, random, round);
    await work.answered(1 + random.below(80));
    await pause(random.below(20));
    if (redis === undefined) {
      await service.end('SIGKILL');
      await work.stop();
      expect((await consistencyOf(settings)).problems).toEqual([]);
      service = await startServiceProcess({ env: settings });
    } else {
      await redis.kill9();
      await pause(random.below(200));
      await redis.restart();
      await ready(service);
      await work.stop();
    }
    const touched = [...ledger.users.values()].filter(({ id }) => !before.has(id));
    expect(await missing(service, touched)).toEqual([]);
  }
  expect(await missing(service, ledger.users.values())).toEqual([]);
  await service.end('SIGTERM');
  return { kills: times, ...(await lookAfterwards(settings, ledger, smtp)) };
}

async function ready({ url }: ServiceProcess): Promise<void> {
  await waitUntil('the service is ready again', async () => (await fetch(`${url}/readyz`)).ok);
}

/** Opens the store that a killed service has left, as it is. */
async function consistencyOf({ DATA_DIR, REDIS_URL }: Readonly<Record<string, string>>) {
  const clock = Date.now;
  const store =
    REDIS_URL === undefined
      ? await openEmbeddedStore({ folder: DATA_DIR ?? '', clock })
      : await openRedisStore({ url: REDIS_URL, clock });
  try {
    return await checkConsistency(store, clock);
  } finally {
    await store.close();
  }
}

/** Ten minutes later: all mails go out, and every extension that was wanted by several is one user's, or free. */
async function lookAfterwards(
  env: Readonly<Record<string, string>> & { readonly DATA_DIR: string },
  ledger: Ledger,
  smtp: TestSmtpServer,
): Promise<Omit<Survived, 'kills'>> {
  const clock = fakeClock(Date.now() + laterMs);
  await withTestService({ env, dataDir: env.DATA_DIR, clock }, async (ringkey) => {
    await ringkey.service.runMailRound();
    for (const [extension, winners] of ledger.contested) {
      expect(winners.length).toBeLessThanOrEqual(1);
      const { status, body } = await ringkey.api('GET', `/users/${extension}`);
      const [winner = body.id] = winners;
      if (status === 200) expect(body.id).toBe(winner);
      else expect([winners, (await ringkey.api('POST', '/users', { extension })).status]).toEqual([[], 201]);
    }
  });
  const { problems, mailsWaiting, auditRecords } = await consistencyOf(env);
  expect({ problems, mailsWaiting }).toEqual({ problems: [], mailsWaiting: 0 });
  const mailsSentTwice = countSentTwice(ledger, smtp);
  return {
    answers: ledger.answers,
    users: ledger.users.size,
    mails: smtp.mails.length,
    mailsSentTwice,
    auditRecords,
  };
}

/** Each PIN whose reset was answered was mailed, and if more than once, then as one message. */
function countSentTwice({ mailed }: Ledger, { mails }: TestSmtpServer): number {
  for (const { to, pin } of mailed) {
    const copies = mails.filter((mail) => mail.to.includes(to) && (mail.parsed.text ?? '').includes(pin));
    expect([to, new Set(copies.map(({ parsed }) => parsed.messageId)).size]).toEqual([to, 1]);
  }
  const ids = mails.map(({ parsed }) => parsed.messageId);
  return ids.length - new Set(ids).size;
}
