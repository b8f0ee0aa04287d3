/** New calls are turned away at once while as many PINs wait to be checked as can be in time. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { limitBody } from '../../src/http/body-time.ts';
import { turnCrowdAway } from '../../src/voice/crowd.ts';
import { manualCall } from '../support/manual-call.ts';
import { startTestService } from '../support/service.ts';

const busy = /Many people are calling right now.*<Hangup\/>/s;

it('asks new callers to call later while the queue is full, lets those in who wait, and takes new ones again', async () => {
  const ringkey = await startTestService({
    env: { HASH_CONCURRENCY: '1', APP_URL: 'https://app.example.com/calls' },
    hashCost: { memoryKib: 32_768, passes: 8, lanes: 1 },
  });
  onTestFinished(() => ringkey.stop());
  const { url, publicUrl } = ringkey.service;
  const newCall = (caller = 0) =>
    manualCall(publicUrl.origin, ringkey.secrets.twilioAuthToken, `+1555127${1000 + caller}`);
  const turnedAway = () => ringkey.figure('ringkey_calls_turned_away_total');

  expect((await newCall().start(url)).body).toContain('<Gather');
  expect(await turnedAway()).toBe(0);

  // More than are admitted with hashes this slow, however slow they are.
  const waiting = Array.from({ length: 40 }, (_, caller) => newCall(caller + 1));
  for (const [caller, call] of waiting.entries()) {
    await call.start(url);
    await call.key(url, String(5000 + caller));
  }
  const logged = ringkey.logged.filter((line) => line.includes('call-started')).length;
  let isOver = false;
  const heard = Promise.all(waiting.map((call) => call.key(url, '111111'))).finally(() => {
    isOver = true;
  });
  let answer = await newCall().start(url);
  let started = answer.body.includes('<Gather') ? 1 : 0;
  while (!isOver && !busy.test(answer.body)) {
    answer = await newCall().start(url);
    if (answer.body.includes('<Gather')) started += 1;
  }
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toMatch(busy);
  expect(await turnedAway()).toBe(1);
  expect(ringkey.logged.filter((line) => line.includes('call-started'))).toHaveLength(logged + started);
  expect(ringkey.logged.filter((line) => line.includes('"event":"crowded"'))).toHaveLength(1);

  const answers = await heard;
  expect(answers.some(({ body }) => body.includes('do not match'))).toBe(true);
  expect((await newCall().start(url)).body).toContain('<Gather');
});

it('lets everything else pass, and everything while it is not crowded', async () => {
  let isCrowded = false;
  let turnedAway = 0;
  const passed: string[] = [];
  const next: RequestListener = (request, response) => {
    passed.push(`${request.method} ${request.url}`);
    response.end('passed');
  };
  const crowd = {
    address: '/voice',
    answer: '<Response>später</Response>',
    isCrowded: () => isCrowded,
    limitBody: () => {},
    onTurnedAway: () => {
      turnedAway += 1;
    },
  };
  const server = createServer(turnCrowdAway(crowd, next));
  const url = await listen(server);
  onTestFinished(() => void server.close());
  const ask = async (method: string, path: string) =>
    (await fetch(url + path, { method, ...(method === 'POST' ? { body: 'x'.repeat(100_000) } : {}) })).text();

  expect(await ask('POST', '/voice')).toBe('passed');
  isCrowded = true;
  expect(await ask('POST', '/voice')).toBe('<Response>später</Response>');
  expect(await ask('POST', '/voice/steps/a/keys')).toBe('passed');
  expect(await ask('GET', '/voice')).toBe('passed');
  expect(await ask('GET', '/healthz')).toBe('passed');
  expect(turnedAway).toBe(1);
  expect(passed).toEqual(['POST /voice', 'POST /voice/steps/a/keys', 'GET /voice', 'GET /healthz']);
});

it('gives the connection back of a caller whose body does not come to an end', async () => {
  const crowd = {
    address: '/voice',
    answer: '<Response/>',
    isCrowded: () => true,
    limitBody: (request: IncomingMessage, response: ServerResponse) => limitBody(request, response, 100),
    onTurnedAway: () => {},
  };
  const server = createServer(turnCrowdAway(crowd, () => {}));
  const url = await listen(server);
  onTestFinished(() => void server.close());
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.resume().write('POST /voice HTTP/1.1\r\nHost: ringkey\r\nContent-Length: 1000000\r\n\r\nCallSid=');
  await vi.waitFor(() => expect(socket.closed).toBe(true), { timeout: 5000 });
});

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    });
  });
}
