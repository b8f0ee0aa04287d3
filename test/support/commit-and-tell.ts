/**
 * Run as a process of its own: commits one document and adds to one counter, says so on standard output, and stays until it is killed.
 * `node --import tsx commit-and-tell.ts embedded <folder>` or `… redis <url>`.
 */
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { openRedisStore } from '../../src/store/redis.ts';

const [engine, where = ''] = process.argv.slice(2);
const store =
  engine === 'embedded'
    ? await openEmbeddedStore({ folder: where, clock: Date.now })
    : await openRedisStore({ url: where, clock: Date.now });
const key = { partition: 'durable', name: 'document' };
await store.commit([{ type: 'put', key, expected: null, value: 'answered' }]);
await store.addToCounter({ name: 'durable', windowMs: 3_600_000 }, 3);
process.stdout.write('committed\n');
setInterval(() => {}, 60_000);
