/** The files to run Ringkey by: what they say is what the service takes. What they do is in `container.soak.test.ts`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig, settings } from '../../src/config.ts';
import { instructionsOf, namesLetIn, settingsIn } from './container-file.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const names: readonly string[] = settings.map(({ name }) => name);
const start = ['node', '--import', 'tsx', 'src/main.ts'];

/** What production asks for, and the files leave to `.env`. */
const secrets = {
  PUBLIC_URL: 'https://pin.example.com',
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
  PIN_PEPPER: Buffer.alloc(32, 5).toString('base64'),
  ASSERTION_KEY: 'a key',
  ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
};

const compose = z.object({
  services: z.object({
    ringkey: z.looseObject({
      env_file: z.string(),
      environment: z.record(z.string(), z.string()),
      ports: z.array(z.string()),
      volumes: z.array(z.string()),
      read_only: z.literal(true),
      cap_drop: z.tuple([z.literal('ALL')]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })),
    }),
    redis: z.looseObject({ command: z.array(z.string()), healthcheck: z.looseObject({}) }),
    mail: z.looseObject({ image: z.string() }),
  }),
  volumes: z.record(z.string(), z.null()),
});

describe('Dockerfile', () => {
  const instructions = instructionsOf(read('Dockerfile'));
  const settingOf = (name: string) => instructions.filter((one) => one.name === name).at(-1)?.value ?? '';

  it('starts the service as package.json does, as a user that is not root', () => {
    expect(JSON.parse(settingOf('CMD'))).toEqual(start);
    expect(JSON.parse(read('package.json')).scripts.start).toBe(start.join(' '));
    expect(settingOf('USER')).toBe('node');
    expect(instructions.map(({ name }) => name).indexOf('USER')).toBeLessThan(
      instructions.map(({ name }) => name).indexOf('CMD'),
    );
  });

  it('installs what production needs from the lockfile, and runs no script of a package', () => {
    const [install] = instructions.filter(({ value }) => value.startsWith('npm '));
    expect(install?.value).toBe('npm ci --omit=dev --ignore-scripts');
  });

  it('lets into the image what the service reads, and nothing that is secret', () => {
    const names = namesLetIn(read('.dockerignore'));
    expect(names).toEqual(expect.arrayContaining(['bin', 'pages', 'src', 'twiml', 'package-lock.json']));
    for (const name of ['.env', 'data', 'test', '.git', 'node_modules']) expect(names).not.toContain(name);
  });

  it('sets what the service reads, in production', () => {
    const set = settingsIn(settingOf('ENV'));
    expect(Object.keys(set).filter((name) => !names.includes(name))).toEqual([]);
    expect(readConfig({ ...secrets, ...set })).toMatchObject({
      isProduction: true,
      host: '0.0.0.0',
      port: 3000,
    });
    expect(settingOf('VOLUME')).toBe(set.DATA_DIR);
    expect(settingOf('EXPOSE')).toBe(set.PORT);
  });
});

describe('compose.yaml', () => {
  const { services, volumes } = compose.parse(parse(read('compose.yaml')));

  /** What the service is given, with `${NAME:-default}` filled in as compose does it from `.env`. */
  const filledIn = (env: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(services.ringkey.environment).map(([name, value]) => [
        name,
        value.replace(/\$\{(\w+):-(.*)\}/, (_, named: string, otherwise: string) => env[named] || otherwise),
      ]),
    );

  it('sets what the service reads, and all that it needs but what .env has', () => {
    const { environment, env_file } = services.ringkey;
    expect(env_file).toBe('.env');
    expect(Object.keys(environment).filter((name) => !names.includes(name))).toEqual([]);
    const config = readConfig({ ...secrets, ...filledIn({}) });
    expect(config).toMatchObject({
      isProduction: true,
      redisUrl: 'redis://redis:6379',
      smtpUrl: { host: 'mail', port: 1025 },
    });
    expect(Object.keys(services.ringkey.depends_on)).toEqual(['redis']);
  });

  it('lets .env name another Redis and another mail server', () => {
    const env = { REDIS_URL: 'rediss://redis.example.com', SMTP_URL: 'smtps://mail.example.com' };
    // `environment` goes before `env_file`.
    const config = readConfig({ ...secrets, ...env, ...filledIn(env) });
    expect(config).toMatchObject({
      redisUrl: 'rediss://redis.example.com',
      smtpUrl: { host: 'mail.example.com' },
    });
  });

  it('gives out no port but on this machine, and keeps the data in volumes', () => {
    expect(services.ringkey.ports).toEqual(['127.0.0.1:3000:3000']);
    expect(services.ringkey.volumes).toEqual([`ringkey:${services.ringkey.environment.DATA_DIR}`]);
    expect(Object.keys(volumes)).toEqual(['ringkey', 'redis']);
  });

  it('has Redis keep what it is given', () => {
    expect(services.redis.command.join(' ')).toMatch(
      /^redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction( |$)/,
    );
  });
});

describe('deploy/ringkey.service', () => {
  const lines = read('deploy/ringkey.service').split('\n');
  const settingOf = (name: string) =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';

  it('starts the service as package.json does, with what it reads', () => {
    expect(settingOf('ExecStart')).toBe(`/usr/bin/${start.join(' ')}`);
    const set = settingsIn(settingOf('Environment'));
    expect(Object.keys(set).filter((name) => !names.includes(name))).toEqual([]);
    expect(readConfig({ ...secrets, ...set })).toMatchObject({
      isProduction: true,
      dataDir: `/var/lib/${settingOf('StateDirectory')}`,
    });
  });

  it('gives it no more than it needs', () => {
    for (const setting of [
      'DynamicUser=yes',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
    ]) {
      expect(lines).toContain(setting);
    }
  });
});
