/**
 * Letters by SMTP (RFC 5321), to any server.
 */
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Delivery } from './mailer.ts';
import type { Transport } from './message.ts';
import type { SmtpServer } from './smtp-url.ts';

export interface SmtpOptions {
  /** A send ends within this time, whatever the server does. */
  readonly sendWithinMs: number;
  /** Certificates (PEM) of authorities to trust instead of those that Node trusts. */
  readonly authorities?: readonly string[];
}

/** Hands each message over in a connection of its own. Closing ends the ones under way, as failed. */
export function createSmtpTransport(
  server: SmtpServer,
  { sendWithinMs, authorities }: SmtpOptions,
): Transport {
  const { host, port, encryption, login } = server;
  const transporter = createTransport({
    host,
    port,
    secure: encryption === 'implicit',
    requireTLS: encryption === 'required',
    ignoreTLS: encryption === 'off',
    // With a login, nothing is sent without one: a server that offers none isn't the one that was meant.
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password }, forceAuth: true }),
    ...(authorities === undefined ? {} : { tls: { ca: [...authorities] } }),
    dnsTimeout: sendWithinMs,
    connectionTimeout: sendWithinMs,
    greetingTimeout: sendWithinMs,
    socketTimeout: sendWithinMs,
    socketCloseTimeout: 1000,
  });
  const underWay = new Set<AbortController>();

  return {
    async deliver(message) {
      // Each wait of nodemailer's has a bound of its own; a server that trickles could reach each of them in turn.
      const sending = new AbortController();
      const timer = setTimeout(() => sending.abort('late'), sendWithinMs);
      underWay.add(sending);
      try {
        await transporter.sendMail({ ...message, signal: sending.signal });
        return { outcome: 'accepted' };
      } catch (error) {
        if (sending.signal.reason === 'closed') return { outcome: 'failed', why: 'Sending was stopped.' };
        if (sending.signal.aborted) return late;
        return deliveryOf(error);
      } finally {
        clearTimeout(timer);
        underWay.delete(sending);
      }
    },
    close() {
      for (const sending of underWay) sending.abort('closed');
      transporter.close();
    },
  };
}

const late: Delivery = { outcome: 'failed', why: 'The mail server took too long.' };

/** What nodemailer tells of a failure, as far as it is used. Its message and the server's words may quote the letter. */
const failure = z.object({
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
  permanent: z.boolean().optional().catch(undefined),
});

/** Replies that ask for a login or encryption (RFC 4954 6): the operator's to mend, whatever they reply to. */
const asksForLogin = /^(530|534|535|538)\b/;

function deliveryOf(error: unknown): Delivery {
  const { code = '', originalCode, command = '', response, permanent = false } = failure.parse(error);
  if (code === 'ETIMEDOUT') return late;
  if (response === undefined) {
    const what = connectionProblems[code] ?? 'The connection to the mail server failed';
    return { outcome: 'failed', why: `${what}${detail(originalCode)}.` };
  }
  const isAboutThisLetter = command === 'RCPT TO' || command === 'DATA';
  return {
    outcome: isAboutThisLetter && permanent && !asksForLogin.test(response) ? 'refused' : 'failed',
    why: `The mail server answered ${codesOf(response)} to ${steps.get(command) ?? 'its login'}.`,
  };
}

const connectionProblems: Readonly<Record<string, string>> = {
  EDNS: "The mail server's name was not found",
  ETLS: 'The connection to the mail server could not be encrypted',
  EAUTH: 'The mail server offers no login that can be used',
};

/** Which part of the conversation a reply was to. */
const steps: ReadonlyMap<string, string> = new Map([
  ['CONN', 'the connection'],
  ['EHLO', 'the greeting'],
  ['HELO', 'the greeting'],
  ['STARTTLS', 'STARTTLS'],
  ['MAIL FROM', 'the sender'],
  ['RCPT TO', 'the recipient'],
  ['DATA', 'the message'],
]);

/** A system's or OpenSSL's name of an error, such as ECONNREFUSED. */
function detail(code: string | undefined): string {
  return code !== undefined && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
}

/** The reply code, and the enhanced one (RFC 3463) if there is one. The text after them isn't ours to repeat. */
function codesOf(response: string): string {
  const [, reply = 'something unknown', status] =
    /^(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3}))?(?!\d)/.exec(response) ?? [];
  return status === undefined ? reply : `${reply} ${status}`;
}
