/**
 * An administrator's day at a shell that keeps a history: PINs typed, piped, read from files, imported and made up, a new token, and
 * a mail server that needs a password and fails. Then everything that was written, shown or kept is searched for the secrets. Run on
 * each engine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { watchCommandLines } from '../support/command-lines.ts';
import { type Reply, runProcess, typeAtShell } from '../support/ringkey-command.ts';
import { startTestService } from '../support/service.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** PINs of ten digits, so that no hash or time holds one by chance. */
const pins = {
  typed: '9073640182',
  mistyped: '9073640185',
  piped: '4702958163',
  inFile: '8160357294',
  again: '3917502846',
  imported: '6284019573',
  refused: '9876543210',
} as const;

/** Its characters need escapes in a URL, and in a log of JSON. */
const login = { user: 'ringkey', password: 'c4nary "p/ss@w0rd' } as const;

const minuteMs = 60_000;

export function describeCommandCanary(
  engine: string,
  settings: () => Promise<Readonly<Record<string, string>>>,
  readStore: (dataDir: string) => Promise<string>,
): void {
  describe(`canary secrets of an administrator on ${engine}`, () => {
    it('are in no log, record, error, figure, store, process list or history', async () => {
      const server = await startSmtpServer({ login });
      server.trouble = {
        login: { reply: 535, text: `5.7.8 ${login.user} is not ${login.password}` },
      };
      const credentials = `${login.user}:${encodeURIComponent(login.password)}`;
      const ringkey = await startTestService({
        env: {
          ...(await settings()),
          SMTP_URL: `smtp://${credentials}@127.0.0.1:${server.port}?tls=off`,
          MAIL_FROM: 'pin@example.com',
        },
        policy: { minLength: 10 },
      });
      try {
        for (const extension of ['1001', '1002', '1003', '1004'])
          await ringkey.addUser({ extension, email: `u${extension}@example.com` });

        const home = temporaryFolder();
        const write = (name: string, text: string) => writeFileSync(join(home, name), text, { mode: 0o600 });
        write(
          'profile.json',
          JSON.stringify({ url: ringkey.service.url, token: ringkey.secrets.adminToken }),
        );
        write('piped.txt', `${pins.piped}\n`);
        write('pin.txt', `${pins.inFile}\n`);
        write('weak.txt', `${pins.refused}\n`);
        write('users.csv', `extension,pin\n1010,${pins.imported}\n1011,${pins.refused}\n`);

        const watch = watchCommandLines();
        const shell = await typeAtShell(home, [
          { line: 'export RINGKEY_PROFILE=~/profile.json' },
          { line: 'ringkey pin reset 1001 --pin -', replies: typedTwice(pins.typed, pins.mistyped) },
          { line: 'ringkey pin reset 1001 --pin -', replies: typedTwice(pins.typed, pins.typed) },
          { line: 'cat piped.txt | ringkey pin reset 1002 --pin -' },
          { line: 'ringkey pin reset 1003 --pin-file pin.txt' },
          { line: 'ringkey pin reset 1003 --pin-file weak.txt' },
          { line: 'ringkey pin reset 4711 --pin-file pin.txt' },
          { line: 'ringkey user import users.csv --skip-bad --yes' },
          { line: 'ringkey user import users.csv --skip-bad --yes' },
          { line: 'ringkey pin reset 1004 --reveal' },
          { line: 'ringkey token add desk --role helpdesk' },
          { line: 'ringkey pin list' },
          { line: 'ringkey token list' },
          { line: 'ringkey audit list' },
        ]);
        const commandLines = watch.stop();
        const revealed = shownOnce(shell.shown, /^pin +(\d{10})$/gm);
        const token = shownOnce(shell.shown, /^token +(\S{20,})$/gm);
        // Where they are meant to be, they are; nowhere else in what was shown.
        expect([revealed, token].map((secret) => shell.shown.split(secret).length - 1)).toEqual([1, 1]);
        const shown = shell.shown.replace(revealed, '').replace(token, '');

        const failed = 'ringkey_mails_total{outcome="failed"}';
        const tries = (count: number) =>
          vi.waitFor(async () => expect(await ringkey.figure(failed)).toBe(count), { timeout: 10_000 });
        const later = async () => {
          ringkey.clock.advance(2 * minuteMs);
          await ringkey.service.runMailRound();
        };
        await tries(4);
        const waiting = await readStore(ringkey.dataDir);
        // The server quotes the letter; then it takes all of them, and then refuses one for good.
        server.trouble = { message: { reply: 451, text: `4.3.0 Not now: ${Object.values(pins).join(' ')}` } };
        await later();
        await tries(8);
        const stillWaiting = await readStore(ringkey.dataDir);
        server.trouble = {};
        await later();
        await later();
        expect(server.mails.at(-1)).toMatchObject({ user: login.user });
        expect(await ringkey.figure('ringkey_mails_total{outcome="sent"}')).toBe(4);
        server.trouble = { message: { reply: 550, text: `5.7.1 No: ${pins.again}` } };
        const profile = ['--profile', join(home, 'profile.json')];
        const env = { HOME: home, PATH: process.env.PATH ?? '' };
        const again = await runProcess(ringkey, ['pin', 'reset', '1002', '--pin', '-', ...profile], {
          input: pins.again,
          env,
        });
        expect(again.code).toBe(0);
        await vi.waitFor(
          async () => expect(await ringkey.figure('ringkey_mails_total{outcome="given-up"}')).toBe(1),
          { timeout: 10_000 },
        );

        // What the token and the PINs meet where they don't belong.
        const asDesk = { authorization: `Bearer ${token}` };
        const forbidden = { pin: pins.again, reveal: true };
        const answers = [
          await ringkey.api('GET', '/tokens', undefined, asDesk),
          await ringkey.api('POST', '/users/1001/pin/reset', forbidden, asDesk),
          await ringkey.api('POST', '/tokens', { name: 'x', role: 'helpdesk', token }),
          await ringkey.api('GET', '/users/1001/pin', undefined, { authorization: `Basic ${token}` }),
          await ringkey.api('GET', '/users/1001/pin', undefined, { authorization: `Bearer ${token}x` }),
        ].map(({ text }) => text);
        write('other.json', JSON.stringify({ url: 'http://127.0.0.1:1', token }));
        write('open.json', JSON.stringify({ url: ringkey.service.url, token, pin: pins.typed }));
        write('wrong.json', JSON.stringify({ url: ringkey.service.url, token: `${token}x` }));
        const errors = [];
        for (const name of ['other.json', 'open.json', 'wrong.json']) {
          const args = ['pin', 'reset', '1001', '--pin', '-', '--profile', join(home, name)];
          const { code, out, err } = await runProcess(ringkey, args, { input: pins.typed, env });
          expect(code).not.toBe(0);
          errors.push(out, err);
        }
        expect(() => readConfig({ SMTP_URL: `smtp://${credentials}@127.0.0.1:0` })).toThrow(
          expect.objectContaining({ message: expect.not.stringContaining(credentials) }),
        );

        const trail = (await ringkey.api('GET', '/audit?limit=1000')).text;
        const listed = await runProcess(ringkey, ['audit', 'list', ...profile], { env });
        const exported = await runProcess(ringkey, ['export', ...profile], { env });
        const metrics = await (await fetch(`${ringkey.service.url}/metrics`)).text();
        const places = {
          shown,
          history: shell.history,
          'process list': commandLines.join('\n'),
          log: ringkey.logged.join(''),
          'audit trail': trail + listed.out + listed.err,
          export: exported.out + exported.err,
          'answers of the API': answers.join('\n'),
          'errors of the command line': again.out + again.err + errors.join('\n'),
          figures: metrics,
          'store with mails that wait': waiting + stillWaiting,
          store: await readStore(ringkey.dataDir),
        };
        // Each place holds what it would hold the secrets beside.
        expect(shown).toContain('1 created, 1 refused');
        expect(places.history).toContain('ringkey pin reset 1001 --pin -\n');
        for (const args of [
          'reset 1001 --pin -',
          'reset 1002 --pin -',
          'reset 1003 --pin-file',
          'token add desk',
        ])
          expect(places['process list']).toContain(args);
        expect(places.log).toMatch(/answered 535.*answered 451.*answered 550/s);
        expect(trail).toContain('token.created');
        expect(trail).toMatch(/answered 550/);
        expect(exported.code).toBe(0);
        expect(waiting).toContain('outbox');

        const secrets = {
          ...pins,
          revealed,
          token,
          // 32 random bytes in base64url; what stands before them is its id.
          'the secret of the token': token.slice(-43),
          'the first token': ringkey.secrets.adminToken,
          'the password': login.password,
          'the password in a URL': encodeURIComponent(login.password),
          'the password in JSON': JSON.stringify(login.password).slice(1, -1),
          'the password as it is sent': base64(login.password),
          'the login as it is sent': base64(`\0${login.user}\0${login.password}`),
        };
        const found = Object.entries(places).flatMap(([place, text]) =>
          Object.entries(secrets)
            .filter(([, secret]) => text.includes(secret))
            .map(([name]) => `${name} in ${place}`),
        );
        expect(found).toEqual([]);
      } finally {
        await ringkey.stop();
      }
    }, 90_000);
  });
}

function typedTwice(first: string, second: string): readonly Reply[] {
  return [
    ['PIN: ', `${first}\r`],
    ['PIN once more: ', `${second}\r`],
  ];
}

function shownOnce(text: string, pattern: RegExp): string {
  const [secret = '', ...others] = [...text.matchAll(pattern)].map(([, found = '']) => found);
  expect([secret !== '', others]).toEqual([true, []]);
  return secret;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
