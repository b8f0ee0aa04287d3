/**
 * Puts the service together: engine, security, services, doors. Everything that varies is handed in, so that a test starts the
 * very service that `main.ts` starts.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { createAdminRouter } from './admin/router.ts';
import type { Config } from './config.ts';
import type { Locale } from './core/locale.ts';
import { createApp } from './http/app.ts';
import { limitBody } from './http/body-time.ts';
import { createMetrics } from './http/metrics.ts';
import { createMailer } from './mail/create-mailer.ts';
import type { Secrets } from './secrets.ts';
import { createAssertionSigner } from './security/caller-assertion.ts';
import { createHasher } from './security/hasher.ts';
import { createPeppers } from './security/peppers.ts';
import { createSealedBox } from './security/sealed-box.ts';
import { createAccountRecords } from './services/account-records.ts';
import { createAccounts } from './services/accounts.ts';
import { createAudit } from './services/audit.ts';
import { createAuthentication } from './services/authentication.ts';
import { createManyPins } from './services/change-many.ts';
import { createPinChanges } from './services/change-pin.ts';
import { createCourier } from './services/deliver-mail.ts';
import type { ServiceEvent } from './services/events.ts';
import { createExpiryMail } from './services/expiry-mail.ts';
import { createFailureBudgets } from './services/failure-budgets.ts';
import { createAccountFinder } from './services/find-accounts.ts';
import { createUserImport } from './services/import-users.ts';
import { type MailRounds, startMailRounds } from './services/mail-rounds.ts';
import { createOutbox } from './services/outbox.ts';
import { checkPepper, claimPepper } from './services/pepper-check.ts';
import { type PepperCounts, startPepperCounts } from './services/pepper-count.ts';
import { createPinLinks } from './services/pin-links.ts';
import { createPolicies, type Policies } from './services/policies.ts';
import { createPolicyImpact } from './services/policy-impact.ts';
import { createPinAdministration } from './services/reset-pin.ts';
import { createCalls } from './services/run-call.ts';
import { createSessions } from './services/sessions.ts';
import { createSignIns } from './services/sign-in.ts';
import { createStatistics } from './services/statistics.ts';
import { createTargets } from './services/targets.ts';
import { createTokens } from './services/tokens.ts';
import { type StoreUpgrade, upgradeStore } from './services/upgrade-store.ts';
import type { Store } from './store/store.ts';
import { timeStore } from './store/timed.ts';
import { turnCrowdAway } from './voice/crowd.ts';
import { renderBusy } from './voice/render.ts';
import { createVoiceRouter } from './voice/router.ts';
import { loadVoiceViews } from './voice/views.ts';
import { loadPages } from './web/pages.ts';
import { createPhoneAccess } from './web/phone/access.ts';
import { createPhoneLines } from './web/phone/lines.ts';
import { createWebRouter } from './web/router.ts';

interface Surroundings {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: () => number;
  readonly log: Logger;
}

export interface Service {
  /** Where it listens. */
  readonly url: string;
  /** What the provider's signatures are checked against. */
  readonly publicUrl: URL;
  readonly policies: Policies;
  /** The admin API, whose routes are to be held to the table of roles. */
  readonly admin: Router;
  /** Writes and sends the mails that are due by now, as is done every half minute. */
  readonly runMailRound: MailRounds['runOnce'];
  /** Counts what needs which pepper, if that is due, as is done every minute while one is rotated. */
  readonly countPeppers: PepperCounts['countIfDue'];
  /** Resolves when every link that was asked for is mailed, or isn't to be. */
  linksSettled(): Promise<void>;
  /** Takes no new connection, finishes the webhooks in flight, and closes the store. */
  stop(): Promise<void>;
}

/** The views that come with Ringkey. */
const viewsFolder = fileURLToPath(new URL('../twiml', import.meta.url));

/** A hash that would have to wait longer isn't begun: the caller is asked to call again instead. */
const longestHashWaitMs = 3500;

/** Requests are small and come in one piece. Whoever takes longer to send one gives the connection back (408). */
const requestWithinMs = 5000;

/** But for a file that is imported; its route gives it this time once it knows who sends it. */
const longestRequestMs = 600_000;

/** What was counted is added to the store so often. */
const statisticsEveryMs = 5000;

/** While it is crowded, an operator reads it so often. */
const warnOfCrowdEveryMs = 10_000;

/** Webhooks in flight are answered within 4.5 s, so this is more than enough. */
const stopWithinMs = 10_000;
const finishMailWithinMs = 3000;

/**
 * Starts the service.
 * @throws an error whose message is for the operator, when views, store, pepper, key or address can't be used.
 */
export async function startService({ config, secrets, clock, log }: Surroundings): Promise<Service> {
  const views = loadVoiceViews({
    folder: viewsFolder,
    ...(config.twimlDir === null ? {} : { overrideFolder: config.twimlDir }),
  });
  const pages = loadPages();
  const metrics = createMetrics();
  const mailFolder = join(config.dataDir, 'mail');
  const mailer = createMailer({
    ...config,
    folder: mailFolder,
    defaultLocale: config.defaultLocale,
    timeZone: config.timeZone,
  });
  const signer = await createAssertionSigner(secrets.assertionKey, config.otherAssertionKeys);
  const store = timeStore(await openStore(config, clock, log), metrics.observeStore);
  const statistics = createStatistics(store, clock);
  const report = (event: ServiceEvent) => {
    metrics.count(event);
    statistics.record(event);
    logEvent(log, event);
  };
  try {
    const { peppers, isNew } = await claimPepper({
      store,
      peppers: createPeppers([secrets.pinPepper, ...config.previousPinPeppers]),
      lost: config.lostPinPeppers,
      randomBytes,
    });
    const hasher = await createHasher({
      peppers,
      cost: config.hashCost,
      concurrency: config.hashConcurrency,
      longestWaitMs: longestHashWaitMs,
      onHash: metrics.observeHash,
      onWait: metrics.observeHashWait,
    });
    metrics.showHashQueue(hasher.stats);

    const randomId = () => randomBytes(16).toString('base64url');
    const audit = createAudit({ store, clock, retentionDays: config.auditDays });
    const box = createSealedBox(peppers, randomBytes);
    const outbox = createOutbox({ store, box, clock });
    const records = createAccountRecords({ store, audit, outbox, clock });
    const upgrade = await upgradeStore({ store, records, clock, randomUuid: randomUUID, isNew });
    if (upgrade !== null) logUpgrade(log, upgrade);
    const policies = createPolicies(store, audit, report);
    const budgets = createFailureBudgets(store, config.failuresPerHour, peppers, report);
    const accounts = createAccounts({ store, records, peppers, clock, randomUuid: randomUUID });
    const finder = createAccountFinder({ store, records, policies, clock });
    const targets = createTargets({ store, accounts, records, box });
    const signIns = createSignIns({
      store,
      records,
      targets,
      hasher,
      peppers,
      policies,
      budgets,
      clock,
      report,
    });
    const pinChanges = createPinChanges({ records, hasher, peppers, policies, clock, randomId, report });
    const pins = createPinAdministration({
      records,
      audit,
      hasher,
      policies,
      clock,
      randomId,
      randomBytes,
      report,
    });
    const manyPins = createManyPins({
      store,
      clock,
      finder,
      pins,
      failed: (error) => log.error({ event: 'account-failed', err: error }, 'One of many was passed over.'),
    });
    const userImport = createUserImport({
      accounts,
      policies,
      audit,
      hasher,
      randomId,
      report,
      failed: (error) => log.error({ event: 'import-failed', err: error }, 'An import ended before its end.'),
    });
    /** Languages of calls that begin in another than the default. */
    const firstLocales = new Map<string, Locale>();
    const calls = createCalls({
      store,
      accounts,
      targets,
      signIns,
      pinChanges,
      policies,
      handsOver: config.appUrl !== null,
      defaultLocale: config.defaultLocale,
      firstLocaleOf: (callSid) => firstLocales.get(callSid) ?? null,
      clock,
      randomId,
      report,
      pause,
    });

    const courier = createCourier({
      outbox,
      records,
      policies,
      hasher,
      mailer,
      clock,
      randomId,
      randomBytes,
      report,
    });
    const expiryMail = createExpiryMail({ store, finder, records, policies, clock, randomId });

    const tokens = createTokens({ store, audit, clock, randomBytes });
    const { adminToken } = secrets;
    const authentication = createAuthentication({
      adminToken,
      tokens,
      store,
      alert(address) {
        statistics.recordAlert();
        metrics.countAlert('admin-tokens');
        log.warn({ event: 'alert', alert: 'wrong-admin-tokens', address }, 'Somebody tries admin tokens.');
      },
    });
    const sessions = createSessions({
      store,
      audit,
      tokens,
      adminToken,
      clock,
      randomBytes,
      idleMs: config.sessionIdleMinutes * 60_000,
    });

    const server = createServer({
      headersTimeout: requestWithinMs,
      requestTimeout: longestRequestMs,
      connectionsCheckingInterval: 1000,
    });
    await listen(server, config.port, config.host);
    const url = urlOf(server);
    const publicUrl = config.publicUrl ?? new URL(`http://localhost:${portOf(server)}`);
    const links = createPinLinks({
      ...{ store, records, accounts, audit, policies, hasher, peppers, clock, randomId, randomBytes, report },
      page: `${publicUrl.origin}/me`,
      requestsPerHour: config.meRequestsPerHour,
      failed: (error) => log.error({ event: 'link-failed', err: error }, 'A link could not be mailed.'),
    });
    const { accessNumber, helpContact } = config;
    const me = { links, publicUrl, randomBytes, accessNumber, helpContact };
    const admin = createAdminRouter({
      accounts,
      finder,
      audit,
      pins,
      manyPins,
      userImport,
      policies,
      measurePolicy: createPolicyImpact(finder, policies, clock),
      statistics,
      tokens,
      clock,
      authentication,
      sessions,
      publicUrl,
    });
    const phoneLines = createPhoneLines({
      url: loopbackUrlOf(server),
      publicUrl,
      appUrl: config.appUrl,
      authToken: secrets.twilioAuthToken,
      firstLocales,
      look: calls.look,
      clock,
      sleep: (ms, signal) => pause(ms, undefined, { signal }),
      randomBytes,
      onFailure: (error) => log.error({ event: 'phone-failed', err: error }, 'A call of /phone broke.'),
    });
    async function isReady(): Promise<void> {
      await store.ping();
      await checkPepper(store, peppers);
    }
    metrics.showReadiness(isReady);
    const app = createApp({
      voice: createVoiceRouter({
        calls,
        views,
        authTokens: { primary: secrets.twilioAuthToken, secondary: config.twilioSecondaryAuthToken },
        onSignature: metrics.countWebhook,
        publicUrl,
        appUrl: config.appUrl,
        signer,
        defaultLocale: config.defaultLocale,
        timeZone: config.timeZone,
        gatherTimeoutSeconds: config.gatherTimeoutSeconds,
        clock,
        log: {
          unsigned: (facts) =>
            log.warn({ event: 'unsigned-webhook', ...facts }, adviceOnSignature(facts.fits)),
          misdirected: (facts) =>
            log.warn(
              { event: 'misdirected-webhook', ...facts },
              `Nothing is at this address. Let the provider send a POST to ${publicUrl.origin}${facts.meant}, without a slash at the end.`,
            ),
          failed(error) {
            metrics.countApology('failed');
            log.error({ event: 'webhook-failed', err: error }, 'The caller heard an apology.');
          },
          late(afterMs) {
            metrics.countApology('late');
            log.error({ event: 'webhook-late', afterMs }, 'The caller heard an apology.');
          },
        },
      }),
      admin,
      web: createWebRouter({
        pages,
        authentication,
        sessions,
        publicUrl,
        phone: {
          lines: phoneLines,
          access: createPhoneAccess({ isProduction: config.isProduction, publicUrl, sessions, audit }),
          defaultLocale: config.defaultLocale,
        },
        me: config.meRequestsPerHour === 0 ? null : me,
      }),
      jwks: signer.jwks,
      metrics,
      requestWithinMs,
      isReady,
      onRequest: log.isLevelEnabled('debug') ? (facts) => log.debug({ event: 'request', ...facts }) : null,
      onFailure: (error) => log.error({ event: 'request-failed', err: error }),
    });
    let warnedOfCrowdAt = Number.NEGATIVE_INFINITY;
    const crowd = {
      address: '/voice',
      answer: renderBusy(views, config.defaultLocale),
      isCrowded: hasher.isCrowded,
      limitBody: (request: IncomingMessage, response: ServerResponse) =>
        limitBody(request, response, requestWithinMs),
      onTurnedAway() {
        metrics.countTurnedAway();
        if (performance.now() - warnedOfCrowdAt < warnOfCrowdEveryMs) return;
        warnedOfCrowdAt = performance.now();
        log.warn(
          { event: 'crowded' },
          'More call than PINs can be checked: new callers are asked to call later.',
        );
      },
    };
    server.on('request', turnCrowdAway(crowd, app));
    if (config.smtpUrl === null) {
      log.info(
        { event: 'mail-to-folder', folder: mailFolder },
        'Without SMTP_URL, mails are written as files. They hold PINs.',
      );
    }
    const mailRounds = startMailRounds({
      outbox,
      courier,
      expiryMail,
      pause,
      counted: metrics.showMailsWaiting,
      failed: (error) => log.error({ event: 'mail-round-failed', err: error }),
    });

    const pepperCounts = startPepperCounts({
      store,
      peppers,
      isRotating: peppers.all.length > 1 || config.lostPinPeppers.length > 0,
      clock,
      pause,
      failed: (error) => log.error({ event: 'pepper-count-failed', err: error }),
    });
    // A store that can't be reached must not take the other figures with it.
    metrics.showPepperCount(() => pepperCounts.last().catch(() => null));

    const flushStatistics = () =>
      statistics.flush().catch((error: unknown) => log.warn({ event: 'statistics-late', err: error }));
    const flushing = setInterval(flushStatistics, statisticsEveryMs);
    flushing.unref();

    return {
      url,
      publicUrl,
      policies,
      admin,
      runMailRound: mailRounds.runOnce,
      countPeppers: pepperCounts.countIfDue,
      linksSettled: links.settled,
      async stop() {
        clearInterval(flushing);
        const mailEnded = mailRounds.stop();
        const countEnded = pepperCounts.stop();
        // While its webhooks still find the door open.
        await phoneLines.close();
        await Promise.all([close(server), waitShortly(mailEnded)]);
        // Links that were asked for wait in the outbox then.
        await links.settled();
        mailer.close();
        await Promise.all([mailEnded, countEnded]);
        await flushStatistics();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Loads only the engine that is used: the other one's client is no small thing to start with. */
async function openStore(
  { redisUrl, redisReplicas, dataDir }: Config,
  clock: () => number,
  log: Logger,
): Promise<Store> {
  if (redisUrl === null) {
    const { openEmbeddedStore } = await import('./store/embedded.ts');
    return openEmbeddedStore({ folder: dataDir, clock });
  }
  const { openRedisStore } = await import('./store/redis.ts');
  return openRedisStore({
    url: redisUrl,
    replicas: redisReplicas,
    clock,
    onEvent: ({ type, message }) => log.warn({ event: `redis-${type}` }, message),
  });
}

function logUpgrade(log: Logger, { accounts, nameless }: StoreUpgrade): void {
  log.info({ event: 'store-upgraded', accounts }, 'The data of an older version was brought up to this one.');
  for (const { accountId, kinds } of nameless) {
    log.warn(
      { event: 'name-taken', accountId, kinds },
      'Another account has this name too. Give one of them another.',
    );
  }
}

/** What an operator should look at, in words. */
const warnings: { readonly [Type in ServiceEvent['type']]?: string } = {
  'mail-failed': 'The mail server did not take a mail. It is tried again.',
  'mail-given-up': 'A mail was given up. Its owner does not have it.',
  'pepper-missing':
    'A PIN could not be verified: PIN_PEPPER_PREVIOUS lacks the pepper of its hash. Name it again, or reset the PIN.',
  alert: 'Many wrong PINs: somebody may be trying extensions.',
  'expiry-enabled': 'PINs now expire by age. NIST SP 800-63B and ASVS 6.2.10 advise against it.',
};

function logEvent(log: Logger, { type, ...facts }: ServiceEvent): void {
  const warning = warnings[type];
  if (warning === undefined) log.info({ event: type, ...facts });
  else log.warn({ event: type, ...facts }, warning);
}

function adviceOnSignature(fits: string | null): string {
  return fits === null
    ? 'A webhook was not signed for this URL and token. Compare TWILIO_AUTH_TOKEN with the token of the account that sends it.'
    : 'A webhook was signed for another URL. Set PUBLIC_URL to the one that the provider calls.';
}

/**
 * Connections that the system may hold until they are accepted; it takes no more than its own limit (Linux: `net.core.somaxconn`, 4,096). Node's
 * 511 are spent in a moment when hundreds of calls a second come in; whose first packet is dropped then sends it again after 1, 3 and
 * 7 s (RFC 6298), which is later than any deadline here can mend.
 */
const connectionBacklog = 4096;

/** Listens before the doors are made, because the port may be any free one; requests wait for them. */
function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there; set PORT' : error.code;
      reject(new ListenError(`Can't listen on ${host}:${port}: ${why}.`));
    });
    server.listen({ port, host, backlog: connectionBacklog }, resolve);
  });
}

/** The address can't be listened on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  return address;
}

function portOf(server: Server): number {
  return addressOf(server).port;
}

function urlOf(server: Server): string {
  const { address, family, port } = addressOf(server);
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Mails under way are let finish, but a mail server that hangs isn't waited for: what is cut off stays in the outbox. */
async function waitShortly(ending: Promise<void>): Promise<void> {
  const given = new AbortController();
  const waited = pause(finishMailWithinMs, undefined, { signal: given.signal }).catch(() => {});
  await Promise.race([ending, waited]);
  given.abort();
}

/** Where it can be reached from this machine. */
function loopbackUrlOf(server: Server): string {
  const url = new URL(urlOf(server));
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url.origin;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), stopWithinMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
