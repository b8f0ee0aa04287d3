/**
 * Where the service is, and the token for it: from the environment or from a file that only its owner may read.
 */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCodes, Failure } from './failure.ts';

/** `url` is the service's origin, such as `https://pin.example.com`. */
export interface Profile {
  readonly url: string;
  readonly token: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const defaultUrl = 'http://localhost:3000';

const url = z.url({ protocol: /^https?$/ });
const token = z.string().regex(/^[\x21-\x7e]+$/);
const profileFile = z.strictObject({ url: url.default(defaultUrl), token });

/**
 * Reads both from one place, never a token from here and an address from there: a token is sent only to the service it is for.
 * @param file The profile that was named; null: the environment, or the file in the home directory.
 * @throws Failure when there is no token, or when others may read the file.
 */
export function readProfile(env: Env, file: string | null): Profile {
  if (file === null && env.RINGKEY_TOKEN) {
    const given = profileFile.safeParse({ url: env.RINGKEY_URL || defaultUrl, token: env.RINGKEY_TOKEN });
    if (given.success) return given.data;
    throw new Failure(exitCodes.usage, 'RINGKEY_URL must be an http(s) URL, and RINGKEY_TOKEN a token.');
  }
  const path =
    file ?? env.RINGKEY_PROFILE ?? join(env.HOME ?? homedir(), '.config', 'ringkey', 'profile.json');
  const profile = profileFile.safeParse(parseJson(readOwnFile(path)));
  if (!profile.success)
    throw new Failure(exitCodes.usage, `${path} must be JSON with "url" and "token", and nothing else.`);
  if (file === null && env.RINGKEY_URL && env.RINGKEY_URL !== profile.data.url) {
    throw new Failure(
      exitCodes.usage,
      `RINGKEY_URL and ${path} name two services. Set RINGKEY_TOKEN too, or unset it.`,
    );
  }
  return profile.data;
}

function readOwnFile(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new Failure(
      exitCodes.usage,
      `No token: set RINGKEY_TOKEN (and RINGKEY_URL), or write {"url": …, "token": …} to ${path} with mode 0600.`,
    );
  }
  if ((stats.mode & 0o077) !== 0)
    throw new Failure(exitCodes.usage, `Others may read ${path}. It holds a token: chmod 600 ${path}`);
  return readFileSync(path, 'utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
