import { once } from 'node:events';
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
