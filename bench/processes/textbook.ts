/**
 * What one writes with `express`, `argon2` and `rate-limiter-flexible`, in the way that the limiter's documentation shows for a login:
 * wrong secrets are counted by name and address, and by address; a right one clears the count; who is over the limit isn't tried. Users
 * and sessions are in Redis.
 *
 *     REDIS_URL=redis://… node --import tsx bench/processes/textbook.ts
 *
 * Prints where it listens as a line of JSON. `GET /hashes` answers how many hashes it computed.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { hashCount, verifySecret } from './counted-argon2.ts';

const day = 24 * 60 * 60;
const redis = createClient({ url: process.env.REDIS_URL ?? '', disableOfflineQueue: true });
redis.on('error', console.error);
await redis.connect();

const byNameAndAddress = new RateLimiterRedis({
  storeClient: redis,
  useRedisPackage: true,
  keyPrefix: 'wrong-by-name-and-address',
  points: 10,
  duration: 90 * day,
  blockDuration: 60 * 60,
});
const byAddress = new RateLimiterRedis({
  storeClient: redis,
  useRedisPackage: true,
  keyPrefix: 'wrong-by-address',
  points: 100,
  duration: day,
  blockDuration: day,
});

/** Whether the limit was reached before. */
const isOver = (limit: RateLimiterRedis, seen: RateLimiterRes | null) =>
  seen !== null && seen.consumedPoints > limit.points;

const app = express().disable('x-powered-by').set('trust proxy', 'loopback');

app.post('/sign-in', express.json(), async (request, response) => {
  const { username, password } = request.body ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') return void response.sendStatus(400);
  const address = request.ip ?? '';
  const both = `${username} ${address}`;
  const [seenOfBoth, seenOfAddress] = await Promise.all([byNameAndAddress.get(both), byAddress.get(address)]);
  if (isOver(byNameAndAddress, seenOfBoth) || isOver(byAddress, seenOfAddress))
    return void response.sendStatus(429);

  const hash = await redis.hGet(`user:${username}`, 'hash');
  if (hash === null || !(await verifySecret(hash, password))) {
    const counted = await Promise.allSettled([byNameAndAddress.consume(both), byAddress.consume(address)]);
    const isSpent = counted.some(({ status }) => status === 'rejected');
    return void response.sendStatus(isSpent ? 429 : 401);
  }
  if (seenOfBoth !== null) await byNameAndAddress.delete(both);
  const token = randomBytes(32).toString('base64url');
  await redis.set(`session:${token}`, username, { expiration: { type: 'EX', value: day } });
  response.cookie('session', token, { httpOnly: true, secure: true, sameSite: 'lax' }).json({ username });
});

app.get('/hashes', (_request, response) => {
  response.json(hashCount());
});

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${port}` }));
});
