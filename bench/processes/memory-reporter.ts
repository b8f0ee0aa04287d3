/**
 * Loaded before a program that is measured: tells whoever connects what Node knows of the program's memory, as a line of JSON, after a
 * collection of garbage if that is asked for. The socket's path stands in `BENCH_MEMORY_SOCKET`.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const server = createServer(async (socket) => {
  socket.on('error', () => {});
  const [asked] = await once(socket, 'data');
  if (String(asked) === 'collected') globalThis.gc?.();
  socket.end(JSON.stringify(process.memoryUsage()));
});
server.listen(process.env.BENCH_MEMORY_SOCKET);
server.unref();
