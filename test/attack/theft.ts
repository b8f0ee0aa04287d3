/**
 * The database is stolen: what is in its bytes, and what they are good for without the pepper, and with it. Run on each engine.
 */
import { createHash } from 'node:crypto';
import argon2 from 'argon2';
import { expect, it } from 'vitest';
import { createPeppers } from '../../src/security/peppers.ts';
import { type TestOptions, type TestService, withTestService } from '../support/service.ts';
import { callAtPin } from './callers.ts';

/** A four-digit PIN, the easiest to find, and one that no other bytes are likely to be. */
const [shortPin, longPin, mailedPin] = ['8317', '907364118250', '530472869117'];
/** What callers keyed or called from, that belongs to no account. */
const [keyedForExtension, keyedForPin, strangersNumber] = ['470295736481', '629047158306', '+15551299917'];

const pepper = Buffer.alloc(32, 5);

/** What a test may take of the database once the service is stopped. */
export interface Theft {
  /** Settings of a service on this engine, without its secrets. */
  readonly env: () => Promise<Readonly<Record<string, string>>>;
  /** Every byte that the engine has on its disk. */
  readonly steal: (dataDir: string) => Promise<Buffer>;
}

/** What was stolen, and what should not be found in it. */
export interface Loot {
  readonly bytes: Buffer;
  /** Argon2id hashes in PHC form, as they were found. */
  readonly hashes: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
}

/** Uses a service as it is used, ends it and steals its database. */
export async function stealFrom({ env, steal }: Theft, hashCost?: TestOptions['hashCost']): Promise<Loot> {
  let loot: Loot | undefined;
  let dataDir = '';
  const secretSettings = {
    PIN_PEPPER: pepper.toString('base64'),
    TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
    ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
  };
  await withTestService(
    {
      env: {
        ...(await env()),
        ...secretSettings,
        // Nobody listens there, so mails wait in the database.
        SMTP_URL: 'smtp://127.0.0.1:9',
        MAIL_FROM: 'ringkey@example.com',
        APP_URL: 'https://app.example.com/calls',
      },
      policy: { minLength: 4, allowCommonPatterns: true, logonFailuresBeforePinReset: 0 },
      ...(hashCost === undefined ? {} : { hashCost }),
    },
    async (ringkey) => {
      ({ dataDir } = ringkey);
      const secrets = await useAll(ringkey);
      const bytes = await steal(dataDir);
      const found = bytes.toString('latin1').match(/\$argon2id\$v=19\$[\w=,]+\$[\w+/]+\$[\w+/]{43}/g) ?? [];
      loot = { bytes, hashes: [...new Set(found)], secrets };
    },
  );
  if (loot === undefined) throw new Error('Nothing was stolen.');
  return loot;
}

/** Calls, mistypes, resets, mails and signs in to the pages. @returns what must not be found, by what it is. */
async function useAll(ringkey: TestService): Promise<Readonly<Record<string, string>>> {
  await ringkey.addUser({ extension: '4711' }, shortPin);
  await ringkey.addUser({ extension: '4712', email: 'ada@example.com' }, longPin);
  for (const [extension, pin] of [
    ['4711', shortPin],
    ['4712', longPin],
    ['4712', keyedForPin],
    [keyedForExtension, longPin],
  ] as const) {
    await (await callAtPin(ringkey, extension, strangersNumber)).key(pin);
  }
  const mailed = await ringkey.api('POST', '/users/4712/pin/reset', { pin: mailedPin });
  if (mailed.body.mailTo === null || mailed.status !== 200)
    throw new Error(`Nothing is mailed: ${mailed.text}`);
  const token = await ringkey.api('POST', '/tokens', { name: 'desk', role: 'viewer' });
  const session = await fetch(`${ringkey.service.url}/admin/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: token.body.token }),
  });
  const cookie = /=([\w-]{43})/.exec(session.headers.get('set-cookie') ?? '')?.[1];
  return {
    'a PIN': longPin,
    'a PIN that waits to be mailed': mailedPin,
    'a wrong PIN': keyedForPin,
    'what was keyed for an extension': keyedForExtension,
    "a stranger's number": strangersNumber,
    'a token': String(token.body.token).slice(-43),
    'a session': cookie ?? '',
    "the environment's token": ringkey.secrets.adminToken,
    "the provider's token": ringkey.secrets.twilioAuthToken,
    'the pepper, base64': pepper.toString('base64'),
    'the pepper, as it is': pepper.toString('latin1'),
  };
}

/** Tries PINs against stolen hashes, as whoever has the code would. @returns the PINs that made one of them. */
export async function crack(
  hashes: readonly string[],
  pins: readonly string[],
  secret: Buffer | undefined,
): Promise<string[]> {
  const found: string[] = [];
  const options = secret === undefined ? {} : { secret };
  for (const hash of hashes) {
    const left = [...pins];
    const work = async () => {
      for (let pin = left.pop(); pin !== undefined; pin = left.pop()) {
        if (await argon2.verify(hash, pin, options)) found.push(pin);
      }
    };
    await Promise.all([work(), work(), work()]);
  }
  return found;
}

/** What Argon2 is given of the pepper; whoever has the pepper has the code as well. */
export function hashKeyOf(stolenPepper: Buffer = pepper): Buffer {
  return createPeppers([stolenPepper]).current.hashKey;
}

export function describeTheft(engine: string, theft: Theft): void {
  it(`a stolen database has no PIN, number or token in it, and its hashes fit nothing without the pepper, on ${engine}`, async () => {
    const { bytes, hashes, secrets } = await stealFrom(theft);
    const text = bytes.toString('latin1');
    // The names of users are there, so the right bytes were looked at.
    expect([text.includes('ada@example.com'), hashes.length]).toEqual([
      true,
      expect.toSatisfy((n: number) => n >= 2),
    ]);
    for (const [what, secret] of Object.entries(secrets)) {
      expect([what, secret.length > 5, text.includes(secret)]).toEqual([what, true, false]);
      // Nor what anybody could make of it without a key, and compare: too few PINs and numbers exist for that to hide one.
      const isShort = /^\+?\d+$/.test(secret);
      const digests = ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) =>
        (['hex', 'base64', 'base64url'] as const).map((encoding) =>
          createHash(algorithm).update(secret).digest(encoding).slice(0, 16),
        ),
      );
      const plain = [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')];
      for (const piece of isShort ? [...plain, ...digests] : plain) {
        expect([what, text.includes(piece.replace(/=+$/, ''))]).toEqual([what, false]);
      }
    }
    const pins = ['0000', '1234', '4711', shortPin, '8318', longPin, ...Object.values(secrets)];
    expect(await crack(hashes, pins, undefined)).toEqual([]);
    expect(await crack(hashes, pins, hashKeyOf(Buffer.alloc(32, 6)))).toEqual([]);
    // With it, they are as good as read: see docs/threat-model.md for how long that takes.
    expect(await crack(hashes, pins, hashKeyOf())).toEqual(expect.arrayContaining([shortPin]));
  });
}
