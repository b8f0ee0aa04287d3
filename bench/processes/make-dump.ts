/** A process that makes a share of the accounts and keeps them as a dump; `bench/seed/seed.ts` starts it. */
import { z } from 'zod';
import { openDump } from '../seed/dump.ts';
import { makeAccounts } from '../seed/make-accounts.ts';

const order = z.object({
  folder: z.string(),
  share: z.object({ count: z.number(), part: z.number(), of: z.number() }),
  making: z.object({
    pepper: z.base64().transform((text) => Buffer.from(text, 'base64')),
    hash: z.object({ hash: z.string(), pepperId: z.string() }),
    pinLength: z.number(),
    now: z.number(),
  }),
});

const { folder, share, making } = order.parse(JSON.parse(process.argv[2] ?? ''));
const dump = openDump(folder, share.part);
for await (const entries of makeAccounts(share, making)) dump.write(entries);
dump.close();
