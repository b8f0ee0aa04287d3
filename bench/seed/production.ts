/** The service as it runs in production: a process of its own, with everything set that it asks for. */
import { generateKeyPairSync } from 'node:crypto';
import { type RingkeyProcess, startRingkey } from '../../test/support/ringkey-process.ts';
import { adminToken, authToken, pepper, publicUrl } from '../frame/settings.ts';
import { hashOfEverybody, pin } from '../frame/users.ts';
import type { AccountMaking } from './make-accounts.ts';

const secrets = {
  PIN_PEPPER: pepper.toString('base64'),
  TWILIO_AUTH_TOKEN: authToken,
  ADMIN_TOKEN: adminToken,
  ASSERTION_KEY: generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};

/** Starts it over a folder, or over the Redis of `REDIS_URL`. */
export function startInProduction(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RingkeyProcess> {
  const surroundings = { NODE_ENV: 'production', HOST: '127.0.0.1', PUBLIC_URL: publicUrl };
  return startRingkey({ ...surroundings, ...secrets, DATA_DIR: dataDir, ...env });
}

/** What accounts are made with, all of them with the same PIN: its hash is computed once, at the cost of production. */
export async function accountMaking(): Promise<AccountMaking> {
  const { newPin } = await hashOfEverybody(pepper);
  return { pepper, hash: newPin.hash, pinLength: pin.length, now: Date.now() };
}

/** How much each of the named figures of `/metrics` is, added up over its labels. */
export async function readFigures<Name extends string>(
  url: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name, number>>> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  const sumOf = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  return Object.fromEntries(names.map((name) => [name, sumOf(name)])) as Record<Name, number>;
}
