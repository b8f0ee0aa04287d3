/**
 * The port through which letters leave.
 */
import type { Letter, Recipient } from '../core/letter.ts';

/**
 * What came of one try. `refused`: the server will not take it, ever (a permanent reply to this recipient or message,
 * RFC 5321 4.2.1); `failed`: not now, try again. `why` never holds the message's text or a secret.
 */
export type Delivery =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused' | 'failed'; readonly why: string };

export interface Mailer {
  /**
   * Sends one letter. Never throws for what a server or a network does. `message.id` is the same in every try, so that a
   * receiver can tell a repeat; `message.writtenAt` is Unix ms.
   */
  send(
    letter: Letter,
    recipient: Recipient,
    message: { readonly id: string; readonly writtenAt: number },
  ): Promise<Delivery>;
  close(): void;
}
