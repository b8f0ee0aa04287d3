/** One of several threads that complete the secrets of the same new folders, each folder at the same moment as the others. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { readConfig } from '../../src/config.ts';
import { completeSecrets } from '../../src/secrets.ts';

export interface AtOnce {
  readonly folder: string;
  readonly rounds: number;
  readonly threads: number;
  /** How many threads have come to the start of each round. */
  readonly ready: Int32Array<SharedArrayBuffer>;
}

const { folder, rounds, threads, ready } = workerData as AtOnce;

parentPort?.postMessage(
  Array.from({ length: rounds }, (_, round) => {
    const config = readConfig({ DATA_DIR: join(folder, String(round)), REDIS_URL: 'redis://127.0.0.1:1' });
    Atomics.add(ready, round, 1);
    while (Atomics.load(ready, round) < threads);
    try {
      const { made: _, ...secrets } = completeSecrets(config);
      return JSON.stringify(secrets);
    } catch (error) {
      return String(error);
    }
  }),
);
