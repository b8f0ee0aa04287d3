/** What a call costs, for tests of the model that computes with it: round figures, and no machine's. */
import type { CallCosts } from '../../bench/scaling/model.ts';

export const callCosts: CallCosts = {
  hashSeconds: 0.036,
  serviceSeconds: 0.009,
  mainThreadSeconds: 0.007,
  redisSeconds: 0.0007,
  redisCommands: 20,
  bytesToRedis: 10_000,
  bytesFromRedis: 8000,
  appendedBytes: 9000,
  keptBytes: 1000,
  // Two of them, of 35 µs each.
  sharedCommands: 2,
};
