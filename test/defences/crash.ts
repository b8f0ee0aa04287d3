/** What holds when a process is killed, a disk is full, a folder is damaged, or a clock jumps. */
import type { Defence } from './defence.ts';

const kill = {
  file: 'test/crash/kills.test.ts',
  name: 'loses nothing that was answered, gives no guess back, and leaves nothing torn',
};

const killOnRedis = (name: string) => ({ file: 'test/crash/kills.redis.test.ts', name });

/** Two commits for what changes together, and between them time for a kill. */
const tornCommit = {
  find: "if (changes.length > 0 && (await store.commit(changes)) === 'conflict') continue;",
  replace: `const [documents, indexes] = [changes.filter((one) => 'key' in one), changes.filter((one) => !('key' in one))];
        if (documents.length > 0 && (await store.commit(documents)) === 'conflict') continue;
        // As long as a sluggish disk may take, so that a kill falls into it.
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (indexes.length > 0) await store.commit(indexes);`,
};

const fullDisk = {
  file: 'test/crash/full-disk.test.ts',
  name: 'lets callers hear an apology and administrators a 503, lets nobody in, loses nothing',
};

const clock = 'test/crash/clock-jumps.test.ts';

const damaged = 'test/crash/damaged-folder.test.ts';

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
    find: tornCommit.find,
    replace: tornCommit.replace,
    test: kill,
  },
  {
    name: 'a timed lock that a clock ahead has set begins anew',
    file: 'src/core/lockout.ts',
    find: 'if (lock === null || lock.until === null || lock.at <= now) return lockout;',
    replace: 'if (lock === null || lock.until === null || lock.at !== -1) return lockout;',
    test: { file: clock, name: 'a timed lock of an extension that belongs to' },
  },
  {
    name: 'a timed lock does not open early by a clock that goes back',
    file: 'src/core/lockout.ts',
    find: 'return { ...lockout, lock: { ...lock, at: now, until: now + lock.until - lock.at } };',
    replace: 'return { ...lockout, lock: null };',
    test: { file: clock, name: 'a timed lock of an extension that belongs to' },
  },
  {
    name: "a caller's hour that a clock ahead has begun ends within an hour",
    file: 'src/store/embedded.ts',
    find: 'if (open === null || open.expiresAt <= latest) return open;',
    replace: 'if (open === null || open.expiresAt >= 0) return open;',
    test: { file: clock, name: 'a caller without tries left has new ones after an hour, and not before' },
  },
  {
    name: "a caller's hour on Redis that a clock ahead has begun ends within an hour",
    file: 'src/store/add-to-counters.lua',
    find: 'if isOpen and tonumber(found[2]) > tonumber(endsAt) then',
    replace: 'if false then',
    test: {
      file: 'test/crash/clock-jumps.redis.test.ts',
      name: 'a caller without tries left has new ones after an hour, and not before',
    },
  },
  {
    name: 'a mail that a clock ahead has put off is due',
    file: 'src/services/due.ts',
    find: 'return wait <= 0 || wait > longestMs;',
    replace: 'return wait <= 0;',
    test: { file: clock, name: 'a mail that waits is sent' },
  },
  {
    name: 'a session that a clock ahead has begun is over',
    file: 'src/services/sessions.ts',
    find: ' || found.value.startedAt > now + clockSkewMs',
    replace: '',
    test: { file: clock, name: 'the sessions of the pages end' },
  },
  {
    name: 'a claim by a clock ahead is stale',
    file: 'src/services/claims.ts',
    find: 'Math.abs(clock() - claimedAt)',
    replace: 'clock() - claimedAt',
    test: { file: clock, name: 'a claim whose account was never stored may be taken over' },
  },
  {
    name: 'a webhook that fails is answered with an apology',
    file: 'src/voice/router.ts',
    find: `    const done = work().catch((error: unknown) => {
      door.log.failed(error);
      return apology;
    });`,
    replace: '    const done = work();',
    test: fullDisk,
  },
  {
    name: "the roots of a file's tables are looked at before it is opened",
    file: 'src/store/lmdb-file.ts',
    find: 'const damaged = latest.roots.find((root) => !isPage(file, root, first.pageSize));',
    replace: 'const damaged = latest.roots.find((root) => !isPage(file, root, first.pageSize) && root < 0n);',
    test: { file: damaged, name: 'ones in all pages of data' },
  },
  {
    name: 'what another program keeps is left alone',
    file: 'src/store/embedded.ts',
    find: 'if (stranger !== undefined) {',
    replace: 'if (stranger === null) {',
    test: { file: damaged, name: 'with the file of another program' },
  },
  {
    name: 'a store that can not be read at the start is told in a line',
    file: 'src/main.ts',
    find: '  StoreUnavailableError,\n  ListenError,',
    replace: '  ListenError,',
    test: { file: damaged, name: 'with a document that is no JSON any more' },
  },
  {
    name: 'what changes together is one commit on Redis too, whether the service is killed',
    file: 'src/services/account-records.ts',
    find: tornCommit.find,
    replace: tornCommit.replace,
    test: killOnRedis(
      'of the service loses nothing that was answered, gives no guess back, and leaves nothing torn',
    ),
  },
  {
    name: 'what Redis did not answer before it was killed is not taken for done',
    file: 'src/store/redis-link.ts',
    find: 'if (mayBeElsewhere && !isClosed) void renew();',
    replace: 'if (!isClosed) return 1;',
    test: killOnRedis(
      'of Redis loses nothing that was answered, gives no guess back, and leaves nothing torn',
    ),
  },
  {
    name: 'a call is forgotten half an hour later, also by a clock that goes forward',
    file: 'src/services/run-call.ts',
    find: 'const forgottenAfterMs = 30 * 60_000;',
    replace: 'const forgottenAfterMs = 30 * 24 * 3_600_000;',
    test: { file: clock, name: 'a call goes on, or hears that it cannot, and the next one is as ever' },
  },
  {
    name: 'an administrator hears of a full disk as of a store that is out of reach',
    file: 'src/http/problem.ts',
    find: 'if (error instanceof StoreUnavailableError) {',
    replace: "if (error instanceof StoreUnavailableError && error.name === 'none') {",
    test: fullDisk,
  },
  {
    name: 'a file that was cut short is not opened',
    file: 'src/store/lmdb-file.ts',
    find: 'if (BigInt(size) < needed) return',
    replace: 'if (BigInt(size) < 0n) return',
    test: { file: damaged, name: 'with its last page cut off, which no root shows' },
  },
];
