/**
 * Run as a process of its own, by `service-process.ts`: the service with cheap hashes, so that a process is busy with its store and not with
 * Argon2, and with a clock that its parent moves if it wants to. Its one argument is JSON.
 */
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { completeSecrets } from '../../src/secrets.ts';
import { startService } from '../../src/service.ts';
import { fakeClock } from './clock.ts';
import type { CheapService, ServiceOptions } from './service-process.ts';

// Whoever started it is gone.
process.on('disconnect', () => process.exit());

try {
  const { env, startAt }: ServiceOptions = JSON.parse(process.argv[2] ?? '');
  const clock = startAt === undefined ? null : fakeClock(startAt);
  const config = { ...readConfig({ PORT: '0', ...env }), hashCost: { memoryKib: 64, passes: 1, lanes: 1 } };
  const secrets = completeSecrets(config);
  const log = pino({ level: config.logLevel });
  const service = await startService({ config, secrets, clock: clock?.now ?? Date.now, log });
  process.on('message', (ms) => {
    clock?.advance(Number(ms));
    process.send?.('advanced');
  });
  const { adminToken, twilioAuthToken } = secrets;
  process.send?.({
    url: service.url,
    publicOrigin: service.publicUrl.origin,
    adminToken,
    authToken: twilioAuthToken,
  } satisfies CheapService);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
