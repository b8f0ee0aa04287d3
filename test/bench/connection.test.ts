import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signIn } from '../../bench/frame/caller.ts';
import { createConnection, parseAnswer } from '../../bench/frame/connection.ts';

const head = 'HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\n';

describe('an answer', () => {
  it.each([
    ['of a stated length', `${head}Content-Length: 4\r\n\r\nno\r\n`, 'no\r\n'],
    ['without a body', `${head}Content-Length: 0\r\n\r\n`, ''],
    [
      'in chunks',
      `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\nb\r\n, not today\r\n0\r\n\r\n`,
      'no, not today',
    ],
    ['in no chunk', `${head}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, ''],
  ])('%s is read when all of it is there, and not before', (_, text, body) => {
    for (let length = 0; length < text.length; length += 1)
      expect(parseAnswer(text.slice(0, length))).toBeNull();
    expect(parseAnswer(text)).toEqual({ status: 401, body });
  });

  it('without a length is refused', () => {
    expect(() => parseAnswer(`${head}\r\nno`)).toThrow('length');
  });
});

/** Listens for the running test. @param onRequest gets what came, and where to answer. */
async function listen(onRequest: (socket: Socket, request: string) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => onRequest(socket, String(data)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const answerOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

it('gives up a request that is not answered, and does not take a late answer for that to the next', async () => {
  const unanswered: Socket[] = [];
  const port = await listen((socket, request) => {
    if (request === 'first') return void unanswered.push(socket);
    for (const late of unanswered) late.write(answerOf('late'));
    socket.write(answerOf('right'));
  });
  const connection = createConnection(port, 2000);
  onTestFinished(() => connection.close());
  await expect(connection.send('first')).rejects.toThrow('no answer within 2000 ms');
  expect((await connection.send('second')).body).toBe('right');
});

it('counts a call from when it was due', async () => {
  const port = await listen((socket) => socket.write(answerOf('<Response><Hangup/></Response>')));
  const connection = createConnection(port);
  onTestFinished(() => connection.close());
  const late = await signIn(connection, 0, '123456', performance.now() - 60_000);
  expect(late.slowestMs).toBeGreaterThanOrEqual(60_000);
  expect((await signIn(connection, 0)).slowestMs).toBeLessThan(60_000);
});
