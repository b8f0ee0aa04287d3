/**
 * What we recommend to run Redis with, beside `appendonly yes`: a document and a claim then lie in one piece of memory. With Redis's own
 * limits of 64 bytes each of them is a table of its own, which takes twice as much.
 */
export const recommendedSettings = [
  ['--hash-max-listpack-value', '8192'],
  ['--zset-max-listpack-value', '128'],
].flat();
