/**
 * A TCP proxy before a Redis that does what networks and proxies do: it is slow, drops connections, goes silent, or breaks an answer off
 * in the middle.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { endOfReply, findCommand, isPush } from './resp.ts';

export type Fault =
  | { readonly type: 'none' }
  /** Each answer comes so many ms later. */
  | { readonly type: 'slow'; readonly ms: number }
  /** Connections are dropped, and so is each new one. */
  | { readonly type: 'cut' }
  /** Connections stay and new ones are taken, but nothing gets through. Those that there were stay so for good. */
  | { readonly type: 'half-open' }
  /** A command that fits is done by the server; its answer breaks off after some bytes, with a reset. */
  | { readonly type: 'reset'; readonly when: (command: readonly string[]) => boolean };

export interface FaultProxy {
  readonly port: number;
  /** What happens from now on. */
  set(fault: Fault): void;
  /** How often a fault did something so far: a connection dropped, an answer late, broken off or withheld. */
  felt(): number;
  close(): void;
}

interface Connection {
  drop(): void;
  silence(): void;
}

/** @param target the server's port on loopback. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  let fault: Fault = { type: 'none' };
  let felt = 0;
  const connections = new Set<Connection>();

  const server = createServer({ noDelay: true }, (incoming) => {
    if (fault.type === 'cut') {
      felt += 1;
      incoming.resetAndDestroy();
      return;
    }
    const connection = handOn(
      incoming,
      target,
      () => fault,
      () => (felt += 1),
    );
    connections.add(connection);
    incoming.on('close', () => connections.delete(connection));
    if (fault.type === 'half-open') connection.silence();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');

  return {
    port: address.port,
    set(next) {
      fault = next;
      for (const connection of connections) {
        if (next.type === 'cut') {
          felt += 1;
          connection.drop();
        }
        if (next.type === 'half-open') connection.silence();
      }
    },
    felt: () => felt,
    close() {
      server.close();
      for (const connection of connections) connection.drop();
    },
  };
}

function handOn(incoming: Socket, target: number, faultNow: () => Fault, feel: () => void): Connection {
  const outgoing = connect({ port: target, host: '127.0.0.1', noDelay: true });
  let isSilent = false;
  let isOver = false;
  /** Commands that wait for their answers, in order. */
  const asked: (readonly string[])[] = [];
  let unread = Buffer.alloc(0);
  let unanswered = Buffer.alloc(0);
  /** The answers go out one after the other, however long each is held. */
  let sending = Promise.resolve();

  for (const [end, other] of [
    [incoming, outgoing],
    [outgoing, incoming],
  ] as const) {
    end.on('error', () => {});
    end.on('close', () => {
      isOver = true;
      // Gently, so that the server still does what it was told.
      if (!isSilent || end === incoming) other.end();
    });
  }

  incoming.on('data', (chunk: Buffer) => {
    if (isSilent) return feel();
    unread = Buffer.concat([unread, chunk]);
    let at = 0;
    for (let found = findCommand(unread, at); found !== null; found = findCommand(unread, at)) {
      asked.push(found.words);
      at = found.end;
    }
    unread = unread.subarray(at);
    outgoing.write(chunk);
  });

  outgoing.on('data', (chunk: Buffer) => {
    if (isSilent) return feel();
    unanswered = Buffer.concat([unanswered, chunk]);
    let at = 0;
    for (let end = endOfReply(unanswered, at); end !== null; end = endOfReply(unanswered, at)) {
      const command = isPush(unanswered, at) ? [] : (asked.shift() ?? []);
      answer(command, unanswered.subarray(at, end));
      at = end;
    }
    unanswered = unanswered.subarray(at);
  });

  function answer(command: readonly string[], reply: Buffer): void {
    const fault = faultNow();
    const breaksOff = fault.type === 'reset' && fault.when(command);
    const heldMs = fault.type === 'slow' ? fault.ms : 0;
    if (breaksOff || heldMs > 0) feel();
    const held = setTimeout(heldMs);
    sending = sending.then(async () => {
      if (heldMs > 0) await held;
      if (isOver || isSilent) return;
      if (!breaksOff) {
        incoming.write(reply);
        return;
      }
      isOver = true;
      await new Promise((resolve) => incoming.write(reply.subarray(0, Math.ceil(reply.length / 2)), resolve));
      incoming.resetAndDestroy();
    });
  }

  return {
    drop() {
      incoming.resetAndDestroy();
      outgoing.end();
    },
    silence() {
      isSilent = true;
    },
  };
}
