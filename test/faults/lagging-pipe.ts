/** Hands bytes on to a port, each so many ms later. What is under way when an end closes is lost, as on a network. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** For the running test. @param target a port on loopback. */
export async function startLaggingPipe(target: number, ms: number): Promise<number> {
  const server = createServer({ noDelay: true }, (incoming) => {
    const outgoing = connect({ port: target, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => {
        setTimeout(() => {
          if (!to.destroyed) to.write(chunk);
        }, ms);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The pipe has no port.');
  return address.port;
}
