/**
 * How far long work is, on a terminal; nothing elsewhere.
 */
import type { Output } from './context.ts';

export interface Progress {
  /** @param total null: nobody knows. */
  show(what: string, done: number, total: number | null): void;
  /** To be called before anything else is written, and at the end. */
  clear(): void;
}

const width = 30;

export function createProgress(errors: Output): Progress {
  if (!errors.isTTY) return { show() {}, clear() {} };
  return {
    show(what, done, total) {
      const filled = total === null || total === 0 ? 0 : Math.round((done / total) * width);
      const bar = total === null ? '' : `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] `;
      errors.write(`\r\u001b[K${what} ${bar}${done}${total === null ? '' : ` of ${total}`}`);
    },
    clear: () => void errors.write('\r\u001b[K'),
  };
}
