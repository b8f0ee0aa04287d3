/**
 * Run as a process of its own: commits documents to a folder until one fails, and says how, and what can be read then.
 * `node --import tsx commit-until-full.ts <folder>`
 */
import { setTimeout } from 'node:timers/promises';
import { openEmbeddedStore } from '../../src/store/embedded.ts';

const store = await openEmbeddedStore({ folder: process.argv[2] ?? '', clock: Date.now });
const keyOf = (index: number) => ({ partition: 'p', name: `document-${index}` });
const value = 'x'.repeat(20_000);
let last = 0;
try {
  for (; last < 1000; last += 1)
    await store.commit([{ type: 'put', key: keyOf(last), expected: null, value }]);
} catch (error) {
  console.log(`failed: ${error instanceof Error ? error.name : error}`);
}
// What nobody handles ends the process a moment later.
await setTimeout(100);
const first = (await store.get(keyOf(0))) === null ? 'not there' : 'there';
const failed = (await store.get(keyOf(last))) === null ? 'not' : 'there';
console.log(`afterwards: the first one is ${first}, the failed one is ${failed}`);
setInterval(() => {}, 60_000);
