/**
 * The process: reads the environment, starts the service, says what it did, and stops on a signal.
 */
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { build as prettyStream } from 'pino-pretty';
import { type Config, ConfigError, readConfig } from './config.ts';
import { completeSecrets, type Secrets } from './secrets.ts';
import { AssertionKeyError } from './security/caller-assertion.ts';
import { ListenError, type Service, startService } from './service.ts';
import { ForeignDocumentError } from './services/documents.ts';
import { PepperMismatchError } from './services/pepper-check.ts';
import { NewerSchemaError } from './services/upgrade-store.ts';
import { StoreOpenError } from './store/open-error.ts';
import { StoreUnavailableError } from './store/store.ts';
import { ViewError } from './voice/views.ts';

/** What an operator can mend; anything else is a fault of ours and shown whole. */
const expectedErrors = [
  ConfigError,
  StoreOpenError,
  ViewError,
  AssertionKeyError,
  PepperMismatchError,
  NewerSchemaError,
  ForeignDocumentError,
  StoreUnavailableError,
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
  // Whoever reads that it listens may stop it the moment after.
  stopOnSignal(service, log);
  announce(service, config, secrets, log);
}

/** JSON for machines; on a terminal, lines for people. */
function createLog(level: string): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime };
  return process.stdout.isTTY
    ? pino(
        options,
        prettyStream({
          translateTime: 'SYS:HH:MM:ss',
          ignore: 'event',
          messageFormat: '{event} {msg}',
          singleLine: true,
        }),
      )
    : pino(options);
}

function announce(service: Service, config: Config, secrets: Secrets, log: Logger): void {
  const store = config.redisUrl === null ? `the folder ${config.dataDir}` : 'Redis';
  if (!process.stdout.isTTY) {
    const made = secrets.made.map(({ path }) => path);
    log.info({ event: 'listening', url: service.url, publicUrl: service.publicUrl.origin, store, made });
    return;
  }
  process.stdout.write(
    [
      `Ringkey listens on ${service.url} and keeps its data in ${store}.`,
      ...aboutSecrets(secrets),
      `Incoming calls: the provider's webhook is POST ${service.publicUrl.origin}/voice`,
      ...whatToTry(service.url, secrets),
      '',
    ].join('\n'),
  );
}

function aboutSecrets({ made, adminToken }: Secrets): string[] {
  if (made.length === 0) return [];
  const isTokenNew = made.some(({ name }) => name === 'admin-token');
  return [
    `It made these secrets, readable for you alone: ${made.map(({ path }) => path).join(', ')}`,
    ...(isTokenNew ? [`The admin token, shown this once: ${adminToken}`] : []),
  ];
}

/** Commands that work as they stand when they are pasted into another terminal. */
function whatToTry(url: string, { adminTokenFile }: Secrets): string[] {
  const token = adminTokenFile === null ? '$ADMIN_TOKEN' : `$(cat ${adminTokenFile})`;
  const post = (path: string, body: string) =>
    `  curl ${url}/api/v1${path} -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' -d '${body}'`;
  return [
    'Try it in another terminal: make a user, have a first PIN shown, and call.',
    post('/users', '{"extension":"4711"}'),
    post('/users/4711/pin/reset', '{"reveal":true}'),
    '  npm run phone',
  ];
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
