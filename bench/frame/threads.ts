import { availableParallelism } from 'node:os';

/** Hashes at a time, as the service computes them: one per core, fewer than libuv's pool has threads. */
export const hashThreads = Math.max(1, Math.min(availableParallelism(), 3));
