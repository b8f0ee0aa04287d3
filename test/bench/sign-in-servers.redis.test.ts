/**
 * What Ringkey is measured beside does its work: it lets nobody in with a wrong secret, and turns guesses away that come one after
 * another, without a hash.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, createConnection } from '../../bench/frame/connection.ts';
import { type SignInServer, startFramework, startTextbook } from '../../bench/frame/sign-in-servers.ts';
import { pin } from '../../bench/frame/users.ts';

const [here, there] = ['10.0.0.1', '10.0.0.2'];
const wrong = '111111';

let server: SignInServer | null = null;
let connection: Connection | null = null;

afterEach(async () => {
  connection?.close();
  await server?.remove();
});

describe.each([
  // It counts requests, and says no to the one after the limit.
  { name: 'better-auth', start: startFramework, triesHere: 10 },
  // It counts wrong secrets, and says no once there was one more than the limit.
  { name: 'textbook', start: startTextbook, triesHere: 11 },
])('$name', ({ start, triesHere }) => {
  it('tries a secret, and turns away who was wrong too often', async () => {
    const running = await start({ users: 2, limit: 10 });
    const line = createConnection(running.port);
    server = running;
    connection = line;
    const statusOf = async (user: number, secret: string, address: string) =>
      (await running.signIn(line, user, secret, address)).status;
    const before = await running.hashes();

    expect(await statusOf(0, pin, there)).toBe(200);
    expect(await statusOf(7, pin, there)).toBe(401);
    const statuses = [];
    for (let guess = 0; guess < 14; guess += 1) statuses.push(await statusOf(1, wrong, here));
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual(Array(4).fill(429));
    expect(await statusOf(1, pin, here)).toBe(429);
    expect(await statusOf(1, pin, there)).toBe(200);
    // Where nobody has the name, the framework hashes as well, and the textbook doesn't.
    expect((await running.hashes()) - before - triesHere).toBe(start === startFramework ? 3 : 2);
  });
});
