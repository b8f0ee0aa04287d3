/**
 * The secrets that Ringkey wasn't given: made once, kept in the data folder for the owner's eyes only (0600), and read from there
 * afterwards. In production none is made; `config.ts` has then insisted on each.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, toPepper } from './config.ts';
import { makeFolder } from './make-folder.ts';
import { writeOnce } from './write-once.ts';

export interface Secrets {
  readonly pinPepper: Buffer;
  readonly twilioAuthToken: string;
  /** PKCS #8, PEM or its base64. */
  readonly assertionKey: string;
  readonly adminToken: string;
  /** Where the admin token is kept; null when it was given. */
  readonly adminTokenFile: string | null;
  /** What was made just now. */
  readonly made: readonly { readonly name: string; readonly path: string }[];
}

/**
 * Completes the configured secrets.
 * @throws ConfigError when the folder or a file in it can't be used.
 */
export function completeSecrets(config: Config): Secrets {
  const folder = join(config.dataDir, 'secrets');
  const made: { name: string; path: string }[] = [];

  function keep(name: string, make: () => string): string {
    const path = join(folder, name);
    const kept = readIfThere(path);
    if (kept !== null) return kept;
    const value = make();
    try {
      makeFolder(folder);
      // Two processes that start at once must not each keep a secret of their own.
      if (writeOnce(path, `${value}\n`)) {
        made.push({ name, path });
        return value;
      }
    } catch (error) {
      throw new ConfigError([
        `${path} can't be written (${codeOf(error)}): make DATA_DIR writable for this user.`,
      ]);
    }
    return keep(name, make);
  }

  const pepperText =
    config.pinPepper === null ? keep('pin-pepper', () => randomBytes(32).toString('base64')) : null;
  const pinPepper = pepperText === null ? config.pinPepper : toPepper(pepperText);
  if (pinPepper === null) {
    throw new ConfigError([
      `${join(folder, 'pin-pepper')} is damaged: restore it from your backup, or set PIN_PEPPER.`,
    ]);
  }
  return {
    pinPepper,
    twilioAuthToken:
      config.twilioAuthToken ?? keep('twilio-auth-token', () => randomBytes(16).toString('hex')),
    assertionKey: config.assertionKey ?? keep('assertion-key', makeAssertionKey),
    adminToken: config.adminToken ?? keep('admin-token', () => randomBytes(32).toString('base64url')),
    adminTokenFile: config.adminToken === null ? join(folder, 'admin-token') : null,
    made,
  };
}

function makeAssertionKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
}

function readIfThere(path: string): string | null {
  try {
    const value = readFileSync(path, 'utf8').trim();
    if (value === '') throw new ConfigError([`${path} is empty: restore it from your backup, or delete it.`]);
    chmodSync(path, 0o600);
    return value;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${path} can't be read (${codeOf(error)}): make it readable for this user.`]);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
