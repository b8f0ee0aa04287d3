/**
 * Every setting, read from the environment once and parsed into types. Nothing else reads the environment.
 */
import { availableParallelism } from 'node:os';
import { type Locale, locales, matchLocale } from './core/locale.ts';
import { parseSender, plainName, type Sender } from './mail/address.ts';
import { parseSmtpUrl, type SmtpServer, smtpUrlExpected } from './mail/smtp-url.ts';
import { leastHashCost } from './security/hasher.ts';
import { shortestPepperBytes } from './security/peppers.ts';

/** One setting as it stands in `.env.example`. */
interface Setting {
  readonly name: string;
  readonly meaning: string;
  /** What holds when it isn't set; absent: nothing does. */
  readonly fallback?: string;
  /** With NODE_ENV=production it must be set. */
  readonly requiredInProduction?: true;
  readonly secret?: true;
}

/** The catalogue of settings. A test holds `.env.example` and the README to it. */
export const settings = [
  {
    name: 'NODE_ENV',
    meaning: 'With "production" no secret is made up and nothing is assumed.',
    fallback: 'development',
  },
  { name: 'PORT', meaning: 'The TCP port to listen on; 0 takes a free one.', fallback: '3000' },
  { name: 'HOST', meaning: 'The address to listen on.', fallback: '127.0.0.1, in production 0.0.0.0' },
  {
    name: 'PUBLIC_URL',
    meaning:
      'Where the telephony provider reaches this service: scheme, host, port. Signatures are checked against it.',
    fallback: 'http://localhost:PORT',
    requiredInProduction: true,
  },
  {
    name: 'DATA_DIR',
    meaning: 'The folder for the embedded store and for secrets that were made up.',
    fallback: './data',
  },
  {
    name: 'REDIS_URL',
    meaning:
      'Keep the data in Redis instead: redis://, rediss://, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port.',
  },
  {
    name: 'REDIS_REPLICAS',
    meaning:
      'How many replicas of Redis must have a change before it is answered. While fewer are there, nobody signs in.',
    fallback: '0',
  },
  {
    name: 'TWILIO_AUTH_TOKEN',
    meaning: "The provider's token, which signs its webhooks.",
    requiredInProduction: true,
    secret: true,
  },
  {
    name: 'TWILIO_AUTH_TOKEN_SECONDARY',
    meaning:
      'Another token of the provider that webhooks may be signed with, while the token is rotated: its secondary one, or the one before.',
    secret: true,
  },
  {
    name: 'APP_URL',
    meaning: 'The application that takes signed-in calls over. Without it, callers reach a small menu.',
  },
  {
    name: 'PIN_PEPPER',
    meaning:
      'The key that PIN hashes are made with: at least 32 random bytes in base64 or hex (openssl rand -base64 32).',
    requiredInProduction: true,
    secret: true,
  },
  {
    name: 'PIN_PEPPER_PREVIOUS',
    meaning: 'Earlier peppers, separated by commas, for as long as hashes made with them remain.',
    secret: true,
  },
  {
    name: 'PIN_PEPPER_LOST',
    meaning:
      'Ids of peppers that are lost, separated by commas, as a start that is refused names them. PINs made with them must be reset.',
  },
  {
    name: 'ASSERTION_KEY',
    meaning:
      'The Ed25519 private key that signs the statement of who is calling: PKCS #8, PEM or its base64.',
    requiredInProduction: true,
    secret: true,
  },
  {
    name: 'ASSERTION_KEY_PREVIOUS',
    meaning:
      'Assertion keys that are published but not signed with, separated by commas, while the key is rotated: the next one, or the one before.',
    secret: true,
  },
  {
    name: 'ADMIN_TOKEN',
    meaning: 'The bearer token of the admin API: at least 32 characters.',
    requiredInProduction: true,
    secret: true,
  },
  {
    name: 'DEFAULT_LOCALE',
    meaning: `The language before a caller is known: ${locales.join(', ')}.`,
    fallback: 'en-US',
  },
  {
    name: 'TIME_ZONE',
    meaning: 'The time zone that times are said in, such as Europe/Berlin.',
    fallback: "the machine's",
  },
  { name: 'TWIML_DIR', meaning: 'A folder whose views and words go before the ones that come with Ringkey.' },
  {
    name: 'SMTP_URL',
    meaning:
      'The mail server for letters to users: smtp://user:password@host:587 or smtps://host. Without it, letters are files in DATA_DIR/mail.',
    secret: true,
  },
  {
    name: 'MAIL_FROM',
    meaning:
      'Whom letters are from: an address, or a name and then the address in angle brackets. Needed with SMTP_URL.',
  },
  {
    name: 'ACCESS_NUMBER',
    meaning: 'The telephone number to call, as letters should show it.',
  },
  {
    name: 'HELP_CONTACT',
    meaning: 'Whom to ask for help, as one line of letters.',
  },
  {
    name: 'GATHER_TIMEOUT_SECONDS',
    meaning: 'How long a caller may take for the first key and between keys.',
    fallback: '10',
  },
  {
    name: 'CALLER_FAILURES_PER_HOUR',
    meaning: 'Wrong PINs that one caller may key in an hour, over all extensions.',
    fallback: '20',
  },
  {
    name: 'ANONYMOUS_FAILURES_PER_HOUR',
    meaning: 'The same for all callers together who withhold their number.',
    fallback: '100',
  },
  {
    name: 'SERVICE_FAILURES_PER_HOUR',
    meaning: 'Wrong PINs in an hour after which only callers from numbers of their own account are let try.',
    fallback: '1000',
  },
  {
    name: 'HASH_MEMORY_KIB',
    meaning: 'Argon2id memory in KiB; upwards only.',
    fallback: String(leastHashCost.memoryKib),
  },
  { name: 'HASH_PASSES', meaning: 'Argon2id passes; upwards only.', fallback: String(leastHashCost.passes) },
  {
    name: 'HASH_CONCURRENCY',
    meaning: 'Hashes computed at a time.',
    fallback: 'one per core, fewer than UV_THREADPOOL_SIZE (4)',
  },
  {
    name: 'UV_THREADPOOL_SIZE',
    meaning: "Node's own setting; raise it with HASH_CONCURRENCY on machines with many cores.",
    fallback: '4',
  },
  {
    name: 'ME_REQUESTS_PER_HOUR',
    meaning:
      'Links that may be asked for on /me from one address in an hour. Behind a proxy, all share its address. 0 switches /me off.',
    fallback: '20',
  },
  {
    name: 'SESSION_IDLE_MINUTES',
    meaning: 'After so many minutes without a request, a session of the pages ends.',
    fallback: '30',
  },
  { name: 'AUDIT_DAYS', meaning: 'For how many days audit records are kept; 0: for good.', fallback: '365' },
  { name: 'LOG_LEVEL', meaning: 'trace, debug, info, warn, error, fatal or silent.', fallback: 'info' },
] as const satisfies readonly Setting[];

type SettingName = (typeof settings)[number]['name'];

/** The settings, parsed. A secret that wasn't given is null: outside production it is made and kept in `dataDir`. */
export interface Config {
  readonly isProduction: boolean;
  readonly port: number;
  readonly host: string;
  /** Null: to be built from the port that was taken. */
  readonly publicUrl: URL | null;
  readonly dataDir: string;
  readonly redisUrl: string | null;
  readonly redisReplicas: number;
  readonly twilioAuthToken: string | null;
  readonly twilioSecondaryAuthToken: string | null;
  readonly appUrl: URL | null;
  readonly pinPepper: Buffer | null;
  readonly previousPinPeppers: readonly Buffer[];
  /** Ids, not peppers. */
  readonly lostPinPeppers: readonly string[];
  readonly assertionKey: string | null;
  /** Published, but not signed with. */
  readonly otherAssertionKeys: readonly string[];
  readonly adminToken: string | null;
  readonly defaultLocale: Locale;
  readonly timeZone: string;
  readonly twimlDir: string | null;
  /** Null: letters become files. */
  readonly smtpUrl: SmtpServer | null;
  /** Not null where `smtpUrl` isn't. */
  readonly mailFrom: Sender | null;
  readonly accessNumber: string | null;
  readonly helpContact: string | null;
  readonly gatherTimeoutSeconds: number;
  readonly failuresPerHour: {
    readonly caller: number;
    readonly anonymousCallers: number;
    readonly service: number;
  };
  readonly hashCost: { readonly memoryKib: number; readonly passes: number; readonly lanes: number };
  readonly hashConcurrency: number;
  readonly meRequestsPerHour: number;
  readonly sessionIdleMinutes: number;
  readonly auditDays: number;
  readonly logLevel: string;
}

/** Settings that can't be used, all of them at once, a line each. No value of a secret is named. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment.
 * @throws ConfigError naming everything that is missing or malformed, and what to write instead.
 */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const text = (name: SettingName): string | null => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  /** Parses a setting that is there; a parser that returns null has found it unusable. */
  const parsed = <T>(name: SettingName, parse: (value: string) => T | null, expected: string): T | null => {
    const value = text(name);
    if (value === null) return null;
    const result = parse(value);
    if (result === null) problems.push(`${name} must be ${expected}.`);
    return result;
  };
  const whole = (name: SettingName, fallback: number, min: number, max: number): number =>
    parsed(name, (value) => toWhole(value, min, max), `a whole number from ${min} to ${max}`) ?? fallback;

  const isProduction = text('NODE_ENV') === 'production';
  if (isProduction) {
    for (const setting of settings) {
      if ('requiredInProduction' in setting && text(setting.name) === null) {
        problems.push(`${setting.name} is missing: ${setting.meaning}`);
      }
    }
  }

  const poolSize = whole('UV_THREADPOOL_SIZE', 4, 1, 1024);
  const config: Config = {
    isProduction,
    port: whole('PORT', 3000, 0, 65_535),
    host: text('HOST') ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: parsed(
      'PUBLIC_URL',
      toOrigin,
      'a URL of scheme, host and port alone, such as https://pin.example.com',
    ),
    dataDir: text('DATA_DIR') ?? './data',
    redisUrl: text('REDIS_URL'),
    redisReplicas: whole('REDIS_REPLICAS', 0, 0, 16),
    twilioAuthToken: parsed('TWILIO_AUTH_TOKEN', atLeast(16), "the provider's token, at least 16 characters"),
    twilioSecondaryAuthToken: parsed(
      'TWILIO_AUTH_TOKEN_SECONDARY',
      atLeast(16),
      'a token of the provider, at least 16 characters',
    ),
    appUrl: parsed('APP_URL', toWebUrl, 'an http or https URL without a fragment'),
    pinPepper: parsed('PIN_PEPPER', toPepper, pepperExpected),
    previousPinPeppers: parsed('PIN_PEPPER_PREVIOUS', toPeppers, `one or more of: ${pepperExpected}`) ?? [],
    lostPinPeppers:
      parsed('PIN_PEPPER_LOST', toPepperIds, 'ids of 12 hexadecimal digits, separated by commas') ?? [],
    assertionKey: text('ASSERTION_KEY'),
    otherAssertionKeys: (text('ASSERTION_KEY_PREVIOUS') ?? '')
      .split(',')
      .map((key) => key.trim())
      .filter((key) => key !== ''),
    adminToken: parsed('ADMIN_TOKEN', atLeast(32), 'at least 32 characters (openssl rand -base64 32)'),
    defaultLocale: parsed('DEFAULT_LOCALE', matchLocale, `one of ${locales.join(', ')}`) ?? 'en-US',
    timeZone: parsed('TIME_ZONE', toTimeZone, 'an IANA time zone such as Europe/Berlin') ?? machineTimeZone(),
    twimlDir: text('TWIML_DIR'),
    smtpUrl: parsed('SMTP_URL', parseSmtpUrl, smtpUrlExpected),
    mailFrom: parsed('MAIL_FROM', parseSender, 'an address, or Name <address>'),
    accessNumber: parsed('ACCESS_NUMBER', toLine, 'one line of at most 100 characters'),
    helpContact: parsed('HELP_CONTACT', toLine, 'one line of at most 100 characters'),
    gatherTimeoutSeconds: whole('GATHER_TIMEOUT_SECONDS', 10, 1, 60),
    failuresPerHour: {
      caller: whole('CALLER_FAILURES_PER_HOUR', 20, 1, 1_000_000),
      anonymousCallers: whole('ANONYMOUS_FAILURES_PER_HOUR', 100, 1, 1_000_000),
      service: whole('SERVICE_FAILURES_PER_HOUR', 1000, 1, 100_000_000),
    },
    hashCost: {
      memoryKib: whole('HASH_MEMORY_KIB', leastHashCost.memoryKib, leastHashCost.memoryKib, 1_048_576),
      passes: whole('HASH_PASSES', leastHashCost.passes, leastHashCost.passes, 100),
      lanes: leastHashCost.lanes,
    },
    hashConcurrency: whole(
      'HASH_CONCURRENCY',
      Math.max(1, Math.min(availableParallelism(), poolSize - 1)),
      1,
      Math.max(1, poolSize - 1),
    ),
    meRequestsPerHour: whole('ME_REQUESTS_PER_HOUR', 20, 0, 1_000_000),
    sessionIdleMinutes: whole('SESSION_IDLE_MINUTES', 30, 1, 720),
    auditDays: whole('AUDIT_DAYS', 365, 0, 36_500),
    logLevel:
      parsed(
        'LOG_LEVEL',
        (value) => (logLevels.includes(value) ? value : null),
        `one of ${logLevels.join(', ')}`,
      ) ?? 'info',
  };
  if (text('SMTP_URL') !== null && text('MAIL_FROM') === null) {
    problems.push('MAIL_FROM is missing: SMTP_URL needs a sender. Set it to an address, or Name <address>.');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const pepperExpected = `at least ${shortestPepperBytes} random bytes in base64 or hex (openssl rand -base64 32)`;

function toWhole(value: string, min: number, max: number): number | null {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  return number >= min && number <= max ? number : null;
}

function atLeast(characters: number): (value: string) => string | null {
  return (value) => (value.length >= characters ? value : null);
}

function toWebUrl(value: string): URL | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isWeb = url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hash === '';
  return isWeb ? url : null;
}

function toOrigin(value: string): URL | null {
  const url = toWebUrl(value);
  const isBare = url !== null && url.pathname === '/' && url.search === '' && url.username === '';
  return isBare ? url : null;
}

/** Bytes in hex or base64; null when there are too few of them. */
export function toPepper(value: string): Buffer | null {
  const encoding = /^([0-9a-f]{2})+$/i.test(value) ? 'hex' : 'base64';
  if (encoding === 'base64' && !/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return null;
  const bytes = Buffer.from(value, encoding);
  return bytes.length >= shortestPepperBytes ? bytes : null;
}

function toPeppers(value: string): Buffer[] | null {
  const peppers = value.split(',').map((part) => toPepper(part.trim()));
  const usable = peppers.filter((pepper) => pepper !== null);
  return usable.length === peppers.length ? usable : null;
}

function toPepperIds(value: string): string[] | null {
  const ids = value.split(',').map((part) => part.trim());
  return ids.every((id) => /^[0-9a-f]{12}$/.test(id)) ? ids : null;
}

/** A line as it is shown: nothing in it that would be left out. */
function toLine(value: string): string | null {
  return value === plainName(value) ? value : null;
}

function toTimeZone(value: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

function machineTimeZone(): string {
  return new Intl.DateTimeFormat('en').resolvedOptions().timeZone;
}
