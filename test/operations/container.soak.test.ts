/**
 * What the Dockerfile says, done step by step without an engine: the install, another user, sources that can't be written, the health
 * check and the end.
 */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dial } from '../../src/phone/dial.ts';
import { endProcess, startProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { instructionsOf, namesLetIn, settingsIn } from './container-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The id that an image of Node gives its user `node`. */
const userId = 1000;

const secrets = {
  PUBLIC_URL: 'https://pin.example.com',
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
  PIN_PEPPER: Buffer.alloc(32, 5).toString('base64'),
  ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
};

/** Root takes the user's place; anybody else is no root already. */
const asUser =
  process.getuid?.() === 0
    ? ['setpriv', `--reuid=${userId}`, `--regid=${userId}`, '--clear-groups', '--no-new-privs']
    : [];

describe('the image', () => {
  it('is installed without tools, runs as another user from sources it cannot write, is healthy, and ends in order', async () => {
    const instructions = instructionsOf(readFileSync(join(root, 'Dockerfile'), 'utf8'));
    const settingOf = (name: string) => instructions.filter((one) => one.name === name).at(-1)?.value ?? '';
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const app = join(folder, 'app');
    const data = join(folder, 'data');
    const scratch = join(folder, 'tmp');
    for (const made of [app, data, scratch]) mkdirSync(made);

    for (const name of namesLetIn(readFileSync(join(root, '.dockerignore'), 'utf8'))) {
      cpSync(join(root, name), join(app, name), { recursive: true });
    }
    const install = instructions.find(({ name, value }) => name === 'RUN' && value.startsWith('npm '));
    const [npm = '', ...args] = install?.value.split(' ') ?? [];
    await run(npm, args, { cwd: app });
    expect(existsSync(join(app, 'node_modules', 'tsx'))).toBe(true);
    expect(readdirSync(join(app, 'node_modules'))).not.toContain('vitest');
    spawnSync('chmod', ['-R', 'a+rX,a-w', app]);
    onTestFinished(() => void spawnSync('chmod', ['-R', 'u+w', app]));
    if (asUser.length > 0) for (const own of [data, scratch]) chownSync(own, userId, userId);

    const key = await run('openssl', ['genpkey', '-algorithm', 'ed25519']);
    const env = {
      ...settingsIn(settingOf('ENV')),
      ...secrets,
      ASSERTION_KEY: Buffer.from(key.stdout).toString('base64'),
      DATA_DIR: data,
      PATH: process.env.PATH ?? '',
      TMPDIR: scratch,
      HOST: '127.0.0.1',
      PORT: '0',
    };
    let url = '';
    const [command = '', ...commandArgs] = [...asUser, ...(JSON.parse(settingOf('CMD')) as string[])];
    const service = await startProcess(
      'env',
      ['-C', app, command, ...commandArgs],
      (line) => {
        if (line.includes('"listening"')) url = JSON.parse(line).url;
        return url !== '';
      },
      env,
    );
    onTestFinished(() => endProcess(service, 'SIGKILL'));

    const [, check] = /CMD (\[.*\])$/.exec(settingOf('HEALTHCHECK')) ?? [];
    const [healthCommand = '', ...healthArgs] = JSON.parse(check ?? '[]') as string[];
    const isHealthy = () => {
      const { port } = new URL(url);
      return spawnSync(healthCommand, healthArgs, { env: { ...env, PORT: port } }).status;
    };
    expect(isHealthy()).toBe(0);

    const headers = { authorization: `Bearer ${secrets.ADMIN_TOKEN}`, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect((await post('/users', { extension: '1001' })).status).toBe(201);
    expect((await post('/users/1001/pin/reset', { pin: '271804', pinExpired: false })).status).toBe(200);
    const call = await dial({ url, publicUrl: secrets.PUBLIC_URL, authToken: secrets.TWILIO_AUTH_TOKEN });
    await call.press('1001#271804#');
    expect(call.heard()).toMatch(/signed in/);
    await call.hangUp();

    await endProcess(service, 'SIGTERM');
    expect([service.exitCode, service.signalCode]).toEqual([0, null]);
    expect(isHealthy()).toBe(1);
    expect(readdirSync(data).sort()).toEqual(['ringkey.mdb', 'ringkey.mdb-lock']);
  });
});
