/**
 * Stands between a service of this process and its Redis, and tells which commands wait for one another. Commands that are sent before
 * any answer to them comes are one flight, and cost one round trip, however many they are; one that is sent only after an answer is the
 * next flight.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { findCommand } from './resp.ts';

/** A command as it was sent: its name, then its arguments. */
export type SentCommand = readonly string[];

export interface FlightObserver {
  readonly port: number;
  /** The flights that some work sends, in order. Within a flight commands stand as they were sent. */
  flightsOf(work: () => Promise<unknown>): Promise<readonly (readonly SentCommand[])[]>;
  close(): void;
}

/**
 * So many turns of the event loop without a further command, and whoever sends them waits for an answer. The service runs in this
 * process: what it may still send without one, it sends within a turn or two, however slow the machine is.
 */
const turnsUntilQuiet = 20;

/** @param target the server's port on loopback. */
export async function startFlightObserver(target: number): Promise<FlightObserver> {
  const sockets = new Set<Socket>();
  /** Answers that are held until nobody sends anything without them. */
  let held: (() => void)[] = [];
  let flights: SentCommand[][] = [];
  /** Whether an answer was let through since the last command. */
  let isAnswered = true;
  /** Commands so far. */
  let count = 0;
  let isReleasing = false;

  function sent(command: SentCommand): void {
    count += 1;
    if (isAnswered) flights.push([]);
    isAnswered = false;
    flights.at(-1)?.push(command);
  }

  async function quiet(): Promise<void> {
    let seen = count;
    for (let turns = 0; turns < turnsUntilQuiet; turns = count === seen ? turns + 1 : 0) {
      seen = count;
      await setImmediate();
    }
  }

  async function releaseWhenQuiet(): Promise<void> {
    isReleasing = true;
    await quiet();
    const letThrough = held;
    held = [];
    isReleasing = false;
    isAnswered = true;
    for (const answer of letThrough) answer();
  }

  function hold(answer: () => void): void {
    held.push(answer);
    if (!isReleasing) void releaseWhenQuiet();
  }

  const server = createServer({ noDelay: true }, (incoming) => {
    const outgoing = connect({ port: target, host: '127.0.0.1', noDelay: true });
    let unread = Buffer.alloc(0);
    for (const [end, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        sockets.delete(end);
        other.destroy();
      });
    }
    incoming.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      let at = 0;
      for (let found = findCommand(unread, at); found !== null; found = findCommand(unread, at)) {
        sent(found.words);
        at = found.end;
      }
      unread = unread.subarray(at);
      outgoing.write(chunk);
    });
    outgoing.on('data', (chunk: Buffer) => hold(() => incoming.write(chunk)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The observer has no port.');

  return {
    port: address.port,
    async flightsOf(work) {
      await quiet();
      flights = [];
      isAnswered = true;
      await work();
      await quiet();
      return flights;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
