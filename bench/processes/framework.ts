/**
 * The same with a framework, better-auth: its plugin for names, Argon2id as its hash, sessions and its rate limit in Redis. Users are in
 * its store in memory, so it has no database to wait for.
 *
 *     REDIS_URL=redis://… LIMIT=10 USERS=256 SECRET=… node --import tsx bench/processes/framework.ts
 *
 * The users are called `user0`, `user1`, …, and all have the secret. Prints where it listens as a line of JSON. `GET /hashes` answers
 * how many hashes it computed.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { username } from 'better-auth/plugins/username';
import { createClient } from 'redis';
import { hashCount, hashSecret, verifySecret } from './counted-argon2.ts';

const { REDIS_URL = '', LIMIT = '10', USERS = '1', SECRET = '' } = process.env;
const redis = createClient({ url: REDIS_URL, disableOfflineQueue: true });
redis.on('error', console.error);
await redis.connect();

const stored = await hashSecret(SECRET);
const now = new Date();
const names = Array.from({ length: Number(USERS) }, (_, index) => `user${index}`);
const users = names.map((name) => ({
  id: name,
  name,
  email: `${name}@example.com`,
  emailVerified: true,
  username: name,
  displayUsername: name,
  createdAt: now,
  updatedAt: now,
}));
const credentials = names.map((name) => ({
  id: `credential-${name}`,
  userId: name,
  accountId: name,
  providerId: 'credential',
  password: stored,
  createdAt: now,
  updatedAt: now,
}));

const auth = betterAuth({
  baseURL: 'http://127.0.0.1',
  secret: randomBytes(32).toString('base64url'),
  database: memoryAdapter({ user: users, account: credentials, session: [], verification: [] }),
  secondaryStorage: {
    get: (key) => redis.get(key),
    getAndDelete: (key) => redis.getDel(key),
    set: (key, value, seconds) =>
      redis.set(key, value, seconds === undefined ? {} : { expiration: { type: 'EX', value: seconds } }),
    delete: async (key) => {
      await redis.del(key);
    },
    // The count and when it ends in one transaction; NX leaves the end where the first one set it.
    increment: async (key, seconds) => {
      const [counted] = await redis.multi().incr(key).expire(key, seconds, 'NX').execTyped();
      return counted;
    },
  },
  emailAndPassword: {
    enabled: true,
    minPasswordLength: 4,
    password: { hash: hashSecret, verify: ({ hash, password }) => verifySecret(hash, password) },
  },
  plugins: [username()],
  rateLimit: {
    enabled: true,
    storage: 'secondary-storage',
    customRules: { '/sign-in/username': { window: 60 * 60, max: Number(LIMIT) } },
  },
  advanced: { ipAddress: { ipAddressHeaders: ['x-forwarded-for'] } },
  telemetry: { enabled: false },
  logger: { level: 'error' },
});

const handle = toNodeHandler(auth);
const server = createServer((request, response) => {
  if (request.url === '/hashes') response.end(JSON.stringify(hashCount()));
  else void handle(request, response);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${port}` }));
});
