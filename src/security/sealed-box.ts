/**
 * Sealing what must be read again but not by whoever steals the database: AES-256-GCM (NIST SP 800-38D) under a subkey of the
 * pepper, with a random nonce of 96 bits for each box.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Peppers } from './peppers.ts';

export interface SealedBox {
  /** Seals a text. `context` names where the box is kept: one that was moved elsewhere doesn't open. Printable ASCII. */
  seal(text: string, context: string): string;
  /** The text; null when the box was altered, belongs elsewhere, or was sealed under a pepper that this process wasn't given. */
  open(box: string, context: string): string | null;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export function createSealedBox(peppers: Peppers, randomBytes: (count: number) => Uint8Array): SealedBox {
  return {
    seal(text, context) {
      const { id, boxKey } = peppers.current;
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, boxKey, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },

    open(box, context) {
      const [, body = ''] = box.split('.');
      const pepper = peppers.find(pepperOfBox(box));
      const bytes = Buffer.from(body, 'base64url');
      if (pepper === null || bytes.length < nonceBytes + tagBytes) return null;
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv(algorithm, pepper.boxKey, nonce, { authTagLength: tagBytes })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        return (
          decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch {
        return null;
      }
    },
  };
}

/** The id of the pepper that a box was sealed under. */
export function pepperOfBox(box: string): string {
  return box.split('.')[0] ?? '';
}
