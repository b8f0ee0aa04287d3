/**
 * What all commands share, whatever the store is: where the service is, help, completion.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import project from '../../package.json' with { type: 'json' };
import { recordsOf, runCommand, runProcess } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
  await service.addUser({ extension: '1001' });
});

afterAll(() => service.stop());

const get = ['pin', 'get', '1001'];

function profile(content: object, mode = 0o600): { readonly HOME: string; readonly file: string } {
  const HOME = temporaryFolder();
  const file = join(HOME, '.config', 'ringkey', 'profile.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
  chmodSync(file, mode);
  return { HOME, file };
}

const own = () => ({ url: service.service.url, token: service.secrets.adminToken });

describe('the service and the token', () => {
  it('come from a profile in the home directory, or from the one that is named', async () => {
    const { HOME, file } = profile(own());
    expect(recordsOf(await runProcess(service, get, { env: { HOME } }))).toMatchObject([
      { extension: '1001' },
    ]);
    const named = await runProcess(service, [...get, '--profile', file], {
      env: { HOME: '/nonexistent', RINGKEY_TOKEN: 'another', RINGKEY_URL: 'http://127.0.0.1:1' },
    });
    expect(named).toMatchObject({ code: 0, err: '' });
  });

  it('are not taken from a profile that others may read', async () => {
    for (const mode of [0o640, 0o604, 0o620]) {
      const { HOME } = profile(own(), mode);
      const refused = await runProcess(service, get, { env: { HOME } });
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('chmod 600') });
    }
  });

  it('are never mixed: the token of a profile goes to no other address', async () => {
    const { HOME } = profile(own());
    const env = { HOME, RINGKEY_URL: 'http://127.0.0.1:1' };
    expect(await runProcess(service, get, { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining('two services'),
    });
  });

  it('are asked for when there are none, and a broken profile is not repeated', async () => {
    expect(await runProcess(service, get, { env: { HOME: '/nonexistent' } })).toMatchObject({
      code: 2,
      err: expect.stringContaining('No token: set RINGKEY_TOKEN'),
    });
    const { HOME } = profile({ ...own(), colour: 'blue' });
    const broken = await runProcess(service, get, { env: { HOME } });
    expect(broken).toMatchObject({ code: 2, err: expect.stringContaining('must be JSON') });
    expect(broken.err).not.toContain(service.secrets.adminToken);
  });

  it('are sent to nobody whom the service redirects to', async () => {
    const heard: (string | undefined)[] = [];
    const thief = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const redirecting = createServer((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${portOf(thief)}/` }).end();
    }).listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    onTestFinished(() => void [thief.close(), redirecting.close()]);
    const env = { RINGKEY_URL: `http://127.0.0.1:${portOf(redirecting)}`, RINGKEY_TOKEN: 'secret-token' };
    expect(await runProcess(service, get, { env })).toMatchObject({ code: 5, out: '' });
    expect(heard).toEqual([]);
  });
});

it('ends wrong usage with exit code 2', async () => {
  for (const args of [
    [],
    ['pin'],
    ['pin', 'get'],
    ['nothing'],
    ['pin', 'get', '1001', '--colour'],
    ['pin', 'get', '1001', '-'],
    ['pin', 'reset', '-', '--pin', '-'],
    ['pin', 'lock', '1001', '1001', '--confirm'],
  ]) {
    expect(await runProcess(service, args), args.join(' ')).toMatchObject({ code: 2, out: '' });
  }
});

describe('help', () => {
  const groups: readonly (readonly [group: string, names: readonly string[]])[] = [
    ['user', ['add', 'import', 'export', 'get', 'list', 'set', 'remove']],
    ['pin', ['get', 'list', 'reset', 'lock', 'unlock', 'expire']],
    ['policy', ['list', 'get', 'set', 'remove']],
    ['token', ['add', 'list', 'revoke']],
    ['audit', ['list', 'verify']],
    ['export', []],
    ['completion', []],
  ];

  it('is there for the program', async () => {
    const all = await runProcess(service, ['--help']);
    expect(all).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Exit codes: 0 done') });
    for (const [group] of groups) expect(all.out).toMatch(new RegExp(`^ +${group}\\b`, 'm'));
  });

  it('says which version it is', async () => {
    expect(await runProcess(service, ['--version'])).toEqual({
      code: 0,
      out: `${project.version}\n`,
      err: '',
    });
  });

  it.each(groups)('is there for every command of %s, with an example', async (group, names) => {
    const commands = names.length === 0 ? [[group]] : names.map((name) => [group, name]);
    for (const args of commands) {
      const help = await runCommand(service, [...args, '--help']);
      expect(help.code).toBe(0);
      expect(help.out).toMatch(new RegExp(`Examples?:\n {2}.*ringkey ${args.join(' ')}`));
    }
  });
});

describe('completion', () => {
  it('knows commands and options', async () => {
    const { out } = await runProcess(service, ['completion']);
    const complete = (...words: readonly string[]) =>
      execFileSync('bash', [
        '-c',
        `${out}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ringkey; echo "\${COMPREPLY[*]}"`,
        'bash',
        ...words,
      ])
        .toString()
        .trim();
    expect(complete('ringkey', 'p')).toBe('pin policy');
    expect(complete('ringkey', 'pin', 'un')).toBe('unlock');
    expect(complete('ringkey', '--json', 'pin', 'reset', '1001', '--rev')).toBe('--reveal');
    expect(complete('ringkey', 'user', 'add', '--dis')).toBe('--display-name');
    expect(complete('ringkey', 'pin', 'get', '--js')).toBe('--json');
  });
});

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address() as AddressInfo;
  return address.port;
}
