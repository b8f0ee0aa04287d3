/** What holds when a process is killed, a disk is full, a folder is damaged, or a clock jumps. */
import type { Defence } from './defence.ts';

const kill = {
  file: 'test/crash/kills.test.ts',
  name: 'loses nothing that was answered, gives no guess back, and leaves nothing torn',
};

export const defences: readonly Defence[] = [
  {
    name: 'a change is answered once it is on the disk, not before',
    file: 'src/store/embedded.ts',
    find: `      return await root.childTransaction(() => {
        const now = clock();
        const result = work(now);
        sweep(now);
        return result;
      });`,
    replace: `      return await new Promise<T>((resolve, reject) => {
        root.childTransaction(() => {
          const result = work(clock());
          resolve(result);
          return result;
        }).catch(reject);
      });`,
    test: kill,
  },
  {
    name: 'what changes together is one commit',
    file: 'src/services/account-records.ts',
    find: "if (changes.length > 0 && (await store.commit(changes)) === 'conflict') continue;",
    replace: `const [documents, indexes] = [changes.filter((one) => 'key' in one), changes.filter((one) => !('key' in one))];
        if (documents.length > 0 && (await store.commit(documents)) === 'conflict') continue;
        if (indexes.length > 0) await store.commit(indexes);`,
    test: kill,
  },
];
