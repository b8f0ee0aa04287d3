/**
 * Puts the mailer together.
 */
import type { Letter, Recipient } from '../core/letter.ts';
import type { Locale } from '../core/locale.ts';
import { isMailAddress, type Sender } from './address.ts';
import { createFolderTransport } from './folder.ts';
import type { Mailer } from './mailer.ts';
import { toMessage } from './message.ts';
import { renderLetter } from './render.ts';
import { createSmtpTransport } from './smtp.ts';
import type { SmtpServer } from './smtp-url.ts';
import { loadLetterWords } from './words.ts';

export interface MailSettings {
  /** Null: letters become files in `folder`. */
  readonly smtpUrl: SmtpServer | null;
  /** Null only where there is no server: files are then from `ringkey@localhost`. */
  readonly mailFrom: Sender | null;
  readonly folder: string;
  readonly defaultLocale: Locale;
  /** The IANA time zone in which times are told. */
  readonly timeZone: string;
  readonly accessNumber: string | null;
  readonly helpContact: string | null;
  /** A send by SMTP ends within this time. 30 s unless given. */
  readonly sendWithinMs?: number;
  /** Certificates (PEM) to trust instead of those that Node trusts. */
  readonly authorities?: readonly string[];
}

/**
 * Makes a mailer.
 * @throws LetterWordsError for words that can't be used.
 * @throws RangeError for a server without a sender: a programming mistake, since the settings ask for both.
 */
export function createMailer(settings: MailSettings): Mailer {
  const { smtpUrl, mailFrom, defaultLocale, timeZone, sendWithinMs = 30_000, authorities } = settings;
  if (smtpUrl !== null && mailFrom === null) throw new RangeError('A mail server needs a sender.');
  const from = mailFrom ?? { name: 'Ringkey', address: 'ringkey@localhost' };
  const words = loadLetterWords();
  const transport =
    smtpUrl === null
      ? createFolderTransport(settings.folder)
      : createSmtpTransport(smtpUrl, { sendWithinMs, ...(authorities === undefined ? {} : { authorities }) });

  return {
    async send(letter: Letter, to: Recipient, { id, writtenAt }) {
      if (!isMailAddress(to.address)) return { outcome: 'refused', why: 'The address is not one for mail.' };
      const wording = renderLetter(letter, to, {
        words: words[to.locale ?? defaultLocale],
        house: settings,
        timeZone,
      });
      const addressing = { from, to, id, writtenAt };
      return transport.deliver(toMessage(wording, addressing), addressing);
    },
    close: transport.close,
  };
}
