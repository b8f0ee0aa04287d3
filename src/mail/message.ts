/**
 * A letter as a message (RFC 5322), and the ways on which messages leave.
 */
import type { SendMailOptions } from 'nodemailer';
import type { Locale } from '../core/locale.ts';
import { domainOf, plainName, type Sender } from './address.ts';
import type { Delivery } from './mailer.ts';

/** A letter in words. */
export interface Wording {
  readonly locale: Locale;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Who writes to whom, and when (Unix ms). `id` is letters, digits, `-`, `_` and `.`. */
export interface Addressing {
  readonly from: Sender;
  readonly to: { readonly address: string; readonly name: string | null };
  readonly id: string;
  readonly writtenAt: number;
}

/** A way for messages to leave. */
export interface Transport {
  deliver(message: SendMailOptions, addressing: Addressing): Promise<Delivery>;
  close(): void;
}

/**
 * Makes the message of a letter. The address must be plain (`isMailAddress`); the name may be anything.
 * @throws RangeError for an id that can't stand in a Message-ID or a file name: a programming mistake.
 */
export function toMessage(
  { locale, subject, text, html }: Wording,
  { from, to, id, writtenAt }: Addressing,
): SendMailOptions {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/.test(id)) throw new RangeError('Not an id for a message.');
  return {
    from: { name: from.name ?? '', address: from.address },
    to: { name: plainName(to.name ?? ''), address: to.address },
    // Set apart from the headers, so that nothing in a header can add a recipient.
    envelope: { from: from.address, to: [to.address] },
    subject,
    text,
    html,
    textEncoding: 'quoted-printable',
    date: new Date(writtenAt),
    messageId: `<${id}@${domainOf(from.address)}>`,
    headers: {
      // RFC 3834: no holiday notice answers it. The second is Exchange's way to say so.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': locale,
    },
  };
}
