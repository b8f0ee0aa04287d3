import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startTestService } from '../support/service.ts';

it('takes the connection from whoever never finishes a request', async () => {
  const ringkey = await startTestService();
  onTestFinished(() => ringkey.stop());
  const port = Number(new URL(ringkey.service.url).port);
  const answers = ['Host:', 'Host: ringkey\r\nContent-Length: 40\r\n\r\nCallSid='].map(async (begun) => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(`POST /voice HTTP/1.1\r\n${begun}`);
    await once(socket, 'close');
    return answer.split('\r\n')[0];
  });
  expect(await Promise.all(answers)).toEqual(Array(2).fill('HTTP/1.1 408 Request Timeout'));
});

it('lets more connections wait to be accepted than Node does, since whose first packet is dropped comes a second later', async () => {
  const { service, stop } = await startTestService();
  onTestFinished(() => stop());
  const port = Number(new URL(service.url).port);
  const sockets = Array.from({ length: 1000 }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  // The sockets connect on the next tick, before anything is accepted: that takes a turn of the same event loop.
  await new Promise(process.nextTick);
  expect(countOf(port, synSent)).toBe(0);
});

/** As in `include/net/tcp_states.h` of Linux. */
const synSent = '02';

/** How many sockets on their way to a port are in a state. */
function countOf(port: number, state: string): number {
  const to = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , remote, found]) => remote?.endsWith(to) && found === state).length;
}
