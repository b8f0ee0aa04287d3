/**
 * Letters by SMTP, to a real server that does what servers do.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Recipient } from '../../src/core/letter.ts';
import { parseSender } from '../../src/mail/address.ts';
import { createMailer, type MailSettings } from '../../src/mail/create-mailer.ts';
import { letterSamples } from '../../src/mail/letter-samples.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { parseSmtpUrl } from '../../src/mail/smtp-url.ts';
import { selfSignedCertificate, startSmtpServer } from '../support/smtp-server.ts';

const [letter] = letterSamples.welcome;
const ada: Recipient = { address: 'ada@example.org', name: 'Ada Lovelace', extension: '1001', locale: null };
const message = { id: 'letter-1', writtenAt: Date.UTC(2026, 2, 5, 14, 30) };
const login = { user: 'ringkey@example.com', password: 'p@ss:/?#%wörd' };

/** Long enough to be met by what goes well, on a busy machine. */
const patient = 20_000;
/** How long a test waits for a server that will never answer. */
const brief = 150;

function mailerTo(url: string, settings: Partial<MailSettings> = {}): Mailer {
  const mailer = createMailer({
    smtpUrl: parseSmtpUrl(url),
    mailFrom: parseSender('Telephone sign-in <pin@ringkey.example>'),
    folder: '/nowhere',
    defaultLocale: 'en-US',
    timeZone: 'Europe/Berlin',
    accessNumber: null,
    helpContact: null,
    sendWithinMs: patient,
    ...settings,
  });
  onTestFinished(() => mailer.close());
  return mailer;
}

function urlWithLogin(port: number, { user, password } = login, query = ''): string {
  return `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@localhost:${port}${query}`;
}

/** A server that accepts connections and never says a word. */
async function startSilentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a letter by SMTP', () => {
  test('arrives whole, with the headers of a message that nobody wrote by hand', async () => {
    const server = await startSmtpServer();
    expect(await mailerTo(server.url).send(letter, ada, message)).toEqual({ outcome: 'accepted' });

    const [mail] = server.mails;
    expect(mail?.from).toBe('pin@ringkey.example');
    expect(mail?.to).toEqual(['ada@example.org']);
    expect(mail?.parsed.from?.text).toBe('"Telephone sign-in" <pin@ringkey.example>');
    expect(mail?.parsed.to).toMatchObject({ text: '"Ada Lovelace" <ada@example.org>' });
    expect(mail?.parsed.messageId).toBe('<letter-1@ringkey.example>');
    expect(mail?.parsed.date?.getTime()).toBe(message.writtenAt);
    expect(mail?.parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.parsed.headers.get('content-language')).toBe('en-US');
    expect(mail?.parsed.headers.has('x-mailer')).toBe(false);
    expect(mail?.parsed.subject).toBe('Your PIN for signing in by phone');
    expect(mail?.parsed.text).toContain(letter.pin);
    expect(mail?.parsed.html).toContain('lang="en-US"');
    expect(mail?.parsed.attachments).toEqual([]);
  });

  test('has the same Message-ID in every try', async () => {
    const server = await startSmtpServer();
    const mailer = mailerTo(server.url);
    server.trouble = { message: 'hang-up' };
    expect(await mailer.send(letter, ada, message)).toMatchObject({ outcome: 'failed' });
    server.trouble = {};
    expect(await mailer.send(letter, ada, message)).toEqual({ outcome: 'accepted' });
    expect(server.mails.map(({ parsed }) => parsed.messageId)).toEqual(
      Array(2).fill('<letter-1@ringkey.example>'),
    );
  });

  test("is in the recipient's language, else in the service's", async () => {
    const server = await startSmtpServer();
    const mailer = mailerTo(server.url, { defaultLocale: 'fr-FR' });
    await mailer.send(letter, { ...ada, locale: 'de-DE' }, message);
    await mailer.send(letter, ada, message);
    expect(server.mails.map(({ parsed }) => parsed.headers.get('content-language'))).toEqual([
      'de-DE',
      'fr-FR',
    ]);
  });

  test.each([
    ['a name with line breaks', { name: 'Eve\r\nBcc: evil@example.net\r\n\r\nbody' }],
    ['a name with quotes and brackets', { name: '"Eve" <evil@example.net>, other@example.net' }],
    ['a name that turns the direction of text', { name: 'Eve\u202e\u2066 gnp.exe' }],
    ['an extension with line breaks', { extension: '1001\r\nBcc: evil@example.net' }],
  ])('goes to nobody else for %s', async (_what, hostile) => {
    const server = await startSmtpServer();
    expect(await mailerTo(server.url).send(letter, { ...ada, ...hostile }, message)).toEqual({
      outcome: 'accepted',
    });
    const [mail] = server.mails;
    expect(mail?.to).toEqual(['ada@example.org']);
    expect(mail?.parsed.to).toMatchObject({ value: [{ address: 'ada@example.org' }] });
    expect(mail?.parsed.bcc).toBeUndefined();
    expect(mail?.parsed.headers.get('subject')).toBe('Your PIN for signing in by phone');
    expect(mail?.source.split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im);
    expect(mail?.parsed.to).not.toMatchObject({ text: expect.stringMatching(/[\u202e\u2066]/) });
  });

  test.each([
    'ada@example.org\r\nRCPT TO:<evil@example.net>',
    'ada@example.org, evil@example.net',
    'ada@example.org> <evil@example.net',
    '"Ada" <ada@example.org>',
    'ada lovelace@example.org',
    'ada@exam\u202eple.org',
    'ada',
    '',
  ])('is refused without a word to the server for the address %j', async (address) => {
    const server = await startSmtpServer();
    expect(await mailerTo(server.url).send(letter, { ...ada, address }, message)).toEqual({
      outcome: 'refused',
      why: 'The address is not one for mail.',
    });
    expect(server.mails).toEqual([]);
  });

  test('is not made for an id that has no place in a header or a file name', async () => {
    const mailer = mailerTo('smtp://127.0.0.1:9');
    for (const id of ['', '../up', 'a b', 'a>\r\nBcc: x@y', '.hidden', 'x'.repeat(101)]) {
      await expect(mailer.send(letter, ada, { ...message, id })).rejects.toThrow(RangeError);
    }
  });
});

describe('a reply of failure', () => {
  test.each([
    ['recipient', 550, 'refused', 'the recipient'],
    ['recipient', 553, 'refused', 'the recipient'],
    ['message', 554, 'refused', 'the message'],
    ['message', 552, 'refused', 'the message'],
    ['recipient', 451, 'failed', 'the recipient'],
    ['recipient', 421, 'failed', 'the connection'],
    ['recipient', 530, 'failed', 'the recipient'],
    ['message', 451, 'failed', 'the message'],
    ['message', 503, 'failed', 'the message'],
    ['sender', 550, 'failed', 'the sender'],
    ['sender', 530, 'failed', 'the sender'],
    ['sender', 451, 'failed', 'the sender'],
    ['greeting', 554, 'failed', 'the connection'],
    ['greeting', 421, 'failed', 'the connection'],
  ] as const)('to the %s, %i: %s', async (step, reply, outcome, said) => {
    const server = await startSmtpServer();
    server.trouble = { [step]: { reply } };
    const delivery = await mailerTo(server.url).send(letter, ada, message);
    expect(delivery).toMatchObject({ outcome, why: expect.stringContaining(`${reply}`) });
    expect(delivery).toMatchObject({ why: expect.stringContaining(said) });
  });

  test('is told by its codes, never by words that quote the letter or the login', async () => {
    const server = await startSmtpServer({ login });
    const secret = Buffer.from(`\0${login.user}\0${login.password}`).toString('base64');
    for (const step of ['login', 'recipient', 'message'] as const) {
      server.trouble = { [step]: { reply: 550, text: `5.7.1 ${letter.pin} ${login.password} ${secret}` } };
      const delivery = await mailerTo(urlWithLogin(server.port, login, '?tls=off')).send(
        letter,
        ada,
        message,
      );
      const told = JSON.stringify(delivery);
      expect(told).toContain('550 5.7.1');
      for (const word of [letter.pin, login.password, secret]) expect(told).not.toContain(word);
    }
  });
});

describe('a server that answers no more', () => {
  test.each(['greeting', 'login', 'sender', 'recipient', 'message'] as const)(
    'at the %s fails the letter within its time',
    async (step) => {
      const server = await startSmtpServer({ login });
      server.trouble = { [step]: 'hang' };
      const url = urlWithLogin(server.port, login, '?tls=off');
      expect(await mailerTo(url, { sendWithinMs: brief }).send(letter, ada, message)).toEqual({
        outcome: 'failed',
        why: 'The mail server took too long.',
      });
    },
  );

  test.each(['smtp', 'smtps'])('and never said a word fails it within its time, by %s', async (scheme) => {
    const url = `${scheme}://localhost:${await startSilentServer()}`;
    expect(await mailerTo(url, { sendWithinMs: brief }).send(letter, ada, message)).toEqual({
      outcome: 'failed',
      why: 'The mail server took too long.',
    });
  });

  test('but trickles, fails it within its time too', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 hello\r\n');
      const trickle = setInterval(() => socket.write('250-more to come\r\n'), 10);
      socket.on('close', () => clearInterval(trickle));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const delivery = mailerTo(`smtp://127.0.0.1:${port}`, { sendWithinMs: brief }).send(letter, ada, message);
    expect(await delivery).toEqual({ outcome: 'failed', why: 'The mail server took too long.' });
  });

  test.each(['greeting', 'sender', 'recipient', 'message'] as const)(
    'but hangs up at the %s fails the letter',
    async (step) => {
      const server = await startSmtpServer();
      server.trouble = { [step]: 'hang-up' };
      expect(await mailerTo(server.url).send(letter, ada, message)).toMatchObject({ outcome: 'failed' });
    },
  );

  test('or is not there fails it, and says what the system says', async () => {
    const server = await startSmtpServer();
    await server.stop();
    expect(await mailerTo(server.url).send(letter, ada, message)).toEqual({
      outcome: 'failed',
      why: 'The connection to the mail server failed (ECONNREFUSED).',
    });
  });

  test('is given up when the mailer is closed', async () => {
    const server = await startSmtpServer();
    server.trouble = { greeting: 'hang' };
    const mailer = mailerTo(server.url);
    const sent = mailer.send(letter, ada, message);
    mailer.close();
    expect(await sent).toEqual({ outcome: 'failed', why: 'Sending was stopped.' });
  });
});

describe('a login', () => {
  test('is made with what stands in the URL, percent-encoded', async () => {
    const certificate = selfSignedCertificate();
    const server = await startSmtpServer({ login, certificate });
    const mailer = mailerTo(urlWithLogin(server.port), { authorities: [certificate.cert] });
    expect(await mailer.send(letter, ada, message)).toEqual({ outcome: 'accepted' });
    expect(server.mails).toMatchObject([{ user: login.user, encrypted: true }]);
  });

  test('that is wrong fails the letter, and is not quoted', async () => {
    const server = await startSmtpServer({ login });
    const wrong = { ...login, password: 'wr0ng-pass' };
    const delivery = await mailerTo(urlWithLogin(server.port, wrong, '?tls=off')).send(letter, ada, message);
    expect(delivery).toEqual({ outcome: 'failed', why: 'The mail server answered 535 to its login.' });
  });

  test('is not sent unencrypted to a server that offers no encryption', async () => {
    const server = await startSmtpServer({ login });
    expect(await mailerTo(urlWithLogin(server.port)).send(letter, ada, message)).toMatchObject({
      outcome: 'failed',
    });
    expect(server.mails).toEqual([]);
  });

  test('that nobody asks for is not given up silently', async () => {
    const server = await startSmtpServer();
    const delivery = await mailerTo(urlWithLogin(server.port, login, '?tls=off')).send(letter, ada, message);
    expect(delivery).toMatchObject({ outcome: 'failed' });
    expect(server.mails).toEqual([]);
  });
});

describe('encryption', () => {
  test('is used where it is offered', async () => {
    const certificate = selfSignedCertificate();
    const server = await startSmtpServer({ certificate });
    const mailer = mailerTo(`smtp://localhost:${server.port}`, { authorities: [certificate.cert] });
    expect(await mailer.send(letter, ada, message)).toEqual({ outcome: 'accepted' });
    expect(server.mails[0]?.encrypted).toBe(true);
  });

  test('from the first byte is smtps', async () => {
    const certificate = selfSignedCertificate();
    const server = await startSmtpServer({ certificate, implicit: true });
    const mailer = mailerTo(`smtps://localhost:${server.port}`, { authorities: [certificate.cert] });
    expect(await mailer.send(letter, ada, message)).toEqual({ outcome: 'accepted' });
    expect(server.mails[0]?.encrypted).toBe(true);
  });

  test.each(['', '?tls=required', '?tls=offered'])(
    'with a certificate that nobody vouches for fails the letter (%s)',
    async (query) => {
      const server = await startSmtpServer({ certificate: selfSignedCertificate() });
      expect(await mailerTo(`smtp://localhost:${server.port}${query}`).send(letter, ada, message)).toEqual({
        outcome: 'failed',
        why: 'The connection to the mail server failed (DEPTH_ZERO_SELF_SIGNED_CERT).',
      });
      expect(server.mails).toEqual([]);
    },
  );

  test('that is required fails the letter where there is none', async () => {
    const server = await startSmtpServer();
    const delivery = await mailerTo(`${server.url}?tls=required`).send(letter, ada, message);
    expect(delivery).toMatchObject({ outcome: 'failed', why: expect.stringContaining('STARTTLS') });
    expect(server.mails).toEqual([]);
  });

  test('that is switched off is not used', async () => {
    const server = await startSmtpServer({ certificate: selfSignedCertificate() });
    const delivery = await mailerTo(`${server.url}?tls=off`).send(letter, ada, message);
    expect(delivery).toEqual({ outcome: 'accepted' });
    expect(server.mails[0]?.encrypted).toBe(false);
  });
});

test('a server without a sender is a programming mistake', () => {
  expect(() => mailerTo('smtp://127.0.0.1:9', { mailFrom: null })).toThrow(RangeError);
});
