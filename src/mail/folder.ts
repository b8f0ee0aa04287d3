/**
 * Letters as files, for want of a mail server.
 */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { makeFolder } from '../make-folder.ts';
import type { Transport } from './message.ts';

const failure = z.object({ code: z.string().regex(/^[A-Z][A-Z0-9_]{1,60}$/) });

/**
 * Writes each message into `folder` as `<time>-<id>.eml`, so that names sort by time and a repeat takes the place of the first
 * try. Folder and files are for their owner alone. What is in the folder was written whole.
 */
export function createFolderTransport(folder: string): Transport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  return {
    async deliver(message, { id, writtenAt }) {
      const { message: composed } = await composer.sendMail(message);
      const text = Buffer.isBuffer(composed) ? composed : await buffer(composed);
      const name = `${new Date(writtenAt).toISOString().replace(/[-:]/g, '')}-${id}.eml`;
      const path = join(folder, name);
      const unfinished = join(folder, `.${name}.part`);
      try {
        makeFolder(folder);
        // Whatever a try left that was cut short.
        await rm(unfinished, { force: true });
        const file = await open(unfinished, 'wx', 0o600);
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(unfinished, path);
        return { outcome: 'accepted' };
      } catch (error) {
        const { data } = failure.safeParse(error);
        return {
          outcome: 'failed',
          why: `The letter could not be written to a file${data ? ` (${data.code})` : ''}.`,
        };
      }
    },
    close() {},
  };
}
