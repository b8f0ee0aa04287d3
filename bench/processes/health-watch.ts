/** Asks for a service's health every 100 ms until it is told to stop. The first argument is its port. */
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { createConnection } from '../frame/connection.ts';

const everyMs = 100;
const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const connection = createConnection(Number(process.argv[2]));
const ms: number[] = [];
let failed = 0;
let isStopped = false;

process.on('message', () => {
  isStopped = true;
});

// Whoever started it has what it wanted, or has died.
process.on('disconnect', () => process.exit());

await connection.send(request);
process.send?.('begun');
while (!isStopped) {
  const began = performance.now();
  const status = await connection.send(request).then(
    (answer) => answer.status,
    () => 0,
  );
  const took = performance.now() - began;
  ms.push(took);
  if (status !== 200) failed += 1;
  await setTimeout(Math.max(0, everyMs - took));
}
connection.close();
process.send?.({ ms, failed });
