/**
 * The process: reads the environment, starts the service, says what it did, and stops on a signal.
 */
import { join } from 'node:path';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { build as prettyStream } from 'pino-pretty';
import { type Config, ConfigError, readConfig } from './config.ts';
import { completeSecrets, type Secrets } from './secrets.ts';
import { AssertionKeyError } from './security/caller-assertion.ts';
import { ListenError, type Service, startService } from './service.ts';
import { PepperMismatchError } from './services/pepper-check.ts';
import { StoreOpenError } from './store/open-error.ts';
import { ViewError } from './voice/views.ts';

/** What an operator can mend; anything else is a fault of ours and shown whole. */
const expectedErrors = [
  ConfigError,
  StoreOpenError,
  ViewError,
  AssertionKeyError,
  PepperMismatchError,
  ListenError,
];

try {
  await run();
} catch (error) {
  const isExpected = expectedErrors.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error);
  process.stderr.write(`Ringkey can't start.\n${text}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const secrets = completeSecrets(config);
  const service = await startService({ config, secrets, clock: Date.now, log });
  announce(service, config, secrets, log);
  stopOnSignal(service, log);
}

/** JSON for machines; on a terminal, lines for people. */
function createLog(level: string): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime };
  return process.stdout.isTTY
    ? pino(options, prettyStream({ translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }))
    : pino(options);
}

function announce(service: Service, config: Config, secrets: Secrets, log: Logger): void {
  const store = config.redisUrl === null ? `the folder ${config.dataDir}` : 'Redis';
  const made = secrets.made.length === 0 ? null : secrets.made.join(', ');
  if (!process.stdout.isTTY) {
    log.info({ event: 'listening', url: service.url, publicUrl: service.publicUrl.origin, store, made });
    return;
  }
  const tokenFile = join(config.dataDir, 'secrets', 'admin-token');
  const isTokenNew = secrets.made.includes(tokenFile);
  const lines = [
    `Ringkey listens on ${service.url} and keeps its data in ${store}.`,
    made === null ? null : `It made these secrets, readable for you alone: ${made}`,
    isTokenNew ? `The admin token, shown this once: ${secrets.adminToken}` : null,
    `The provider's webhook for incoming calls: POST ${service.publicUrl.origin}/voice`,
    'Try it: create a user as the README shows, then call with "npm run phone" in another terminal.',
  ];
  process.stdout.write(`${lines.filter((line) => line !== null).join('\n')}\n`);
}

function stopOnSignal(service: Service, log: Logger): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      log.info({ event: 'stopping', signal });
      service.stop().then(
        () => log.info({ event: 'stopped' }),
        (error: unknown) => {
          log.error({ event: 'stop-failed', err: error });
          process.exitCode = 1;
        },
      );
    });
  }
}
