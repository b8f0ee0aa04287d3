/** What holds when the store fails. */
import type { Defence } from './defence.ts';

export const defences: readonly Defence[] = [
  {
    name: 'a script that Redis forgot is sent again as a whole',
    file: 'src/store/redis-link.ts',
    find: "if (!isReplyOf('NOSCRIPT', error)) throw error;",
    replace: 'throw error;',
    test: {
      file: 'test/contract/redis.redis.test.ts',
      name: 'by forgetting its scripts, nothing is noticed',
    },
  },
];
