/**
 * A mail server on loopback that keeps what it gets, and fails on demand.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** What is parsed of a message, and the envelope that it came in. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly parsed: ParsedMail;
  /** The message as it came. */
  readonly source: string;
  /** Whether it came encrypted. */
  readonly encrypted: boolean;
  /** The user that was logged in. */
  readonly user: string | null;
}

/** The steps of a delivery. `message` is the answer to the whole message. */
type Step = 'greeting' | 'login' | 'sender' | 'recipient' | 'message';

/** What the server does at a step instead of going on: answers with a reply of failure, waits for ever, or hangs up. */
type Trouble = { readonly reply: number; readonly text?: string } | 'hang' | 'hang-up';

export interface TestSmtpServer {
  readonly port: number;
  /** `smtp://127.0.0.1:<port>`. */
  readonly url: string;
  /** What arrived whole, also if the answer to it was trouble. */
  readonly mails: readonly ReceivedMail[];
  /** The steps at which there was trouble, one after the other. */
  readonly troubled: readonly Step[];
  /** Trouble by step; may be changed at any time. */
  trouble: { [S in Step]?: Trouble };
  stop(): Promise<void>;
}

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

interface TestSmtpOptions {
  /** A free one unless given: to come back where a server was. */
  readonly port?: number;
  /** Who must log in. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Offers STARTTLS, or with `implicit` speaks TLS from the first byte. */
  readonly certificate?: Certificate;
  readonly implicit?: boolean;
}

/** Makes a certificate for localhost that nobody has signed but itself. */
export function selfSignedCertificate(): Certificate {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...curve, ...subject, '-days', '2', '-keyout', key, '-out', cert],
    {
      stdio: 'ignore',
    },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

/** Starts a server for the running test. */
export async function startSmtpServer(options: TestSmtpOptions = {}): Promise<TestSmtpServer> {
  const { login, certificate, implicit = false, port: wanted = 0 } = options;
  const mails: ReceivedMail[] = [];
  const troubled: Step[] = [];
  const sockets = new Map<number, Socket>();

  /** Does what the trouble of a step asks for, or goes on. */
  const at = (step: Step, remotePort: number, goOn: (error?: Error) => void) => {
    const trouble = running.trouble[step];
    if (trouble !== undefined) troubled.push(step);
    if (trouble === undefined) goOn();
    else if (trouble === 'hang-up') sockets.get(remotePort)?.destroy();
    else if (trouble !== 'hang') {
      goOn(Object.assign(new Error(trouble.text ?? 'Trouble'), { responseCode: trouble.reply }));
    }
  };

  const server = new SMTPServer({
    logger: false,
    secure: implicit,
    ...(certificate ?? {}),
    disabledCommands: [...(certificate ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 10,
    onConnect: (session, callback) => at('greeting', session.remotePort, callback),
    onAuth: ({ username, password }, session, callback) =>
      at('login', session.remotePort, (error) => {
        const isRight = username === login?.user && password === login?.password;
        if (error) callback(error);
        else callback(isRight ? null : new Error('No'), isRight ? { user: username } : undefined);
      }),
    onMailFrom: (_address, session, callback) => at('sender', session.remotePort, callback),
    onRcptTo: (_address, session, callback) => at('recipient', session.remotePort, callback),
    onData(stream, session, callback) {
      const { mailFrom, rcptTo } = session.envelope;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const source = Buffer.concat(chunks);
        simpleParser(source)
          .then((parsed) => {
            mails.push({
              from: mailFrom ? mailFrom.address : '',
              to: rcptTo.map(({ address }) => address),
              parsed,
              source: source.toString(),
              encrypted: session.secure,
              user: typeof session.user === 'string' ? session.user : null,
            });
            at('message', session.remotePort, callback);
          })
          .catch(callback);
      });
    },
  });
  // Connections that the client breaks off are part of the tests.
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.on('close', () => sockets.delete(remotePort));
  });

  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const running: TestSmtpServer = {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails,
    troubled,
    trouble: {},
    stop() {
      for (const socket of sockets.values()) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  onTestFinished(() => running.stop());
  return running;
}
