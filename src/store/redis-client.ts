/**
 * The package's clients for one node and for a Cluster, as one thing that can send a command to the primary.
 *
 * They are told to refuse rather than to queue while there is no connection, and never to send a command twice by themselves: an
 * amount might be added twice. They don't limit how long an answer may take once a command is written; `redis-link.ts` does.
 */
import { createClient, createCluster, ErrorReply } from 'redis';
import type { RedisAddress } from './redis-url.ts';

/** Where to connect to; what Sentinels watch is found first. */
export type ConnectAddress = Exclude<RedisAddress, { type: 'sentinel' }>;

type SendTo = (command: readonly string[], signal: AbortSignal) => Promise<unknown>;

export interface RedisClient {
  /** Rejects when the first attempt fails. */
  connect(): Promise<void>;
  /** Sends a command to the primary that holds the key. Rejects with the server's or the connection's error. */
  send(key: string, command: readonly string[], signal: AbortSignal): Promise<unknown>;
  /** Sends commands one right behind the other, on one connection to the primary that holds the key. Their answers, in order. */
  sendInOrder(
    key: string,
    commands: readonly (readonly string[])[],
    signal: AbortSignal,
  ): Promise<readonly unknown[]>;
  /** Sends a command to each primary, whatever the key. */
  primaries(): Promise<readonly SendTo[]>;
  /** What the server, or one of the Cluster's, says about itself. */
  info(): Promise<string>;
  /** Drops the connections; what waits for an answer rejects. */
  destroy(): void;
}

const connectTimeoutMs = 2000;
const longestWaitToReconnectMs = 1000;

/** Beyond this many unanswered commands a connection refuses more. */
const longestQueue = 5000;

/** @param onError hears of each failing connection, also of those that are tried again by themselves. */
export function createRedisClient(address: ConnectAddress, onError: (error: unknown) => void): RedisClient {
  let hasConnected = false;
  const connecting = async (connect: () => Promise<unknown>) => {
    await connect();
    hasConnected = true;
  };
  const reconnectStrategy = (attempts: number) =>
    hasConnected && Math.min(50 * 2 ** attempts, longestWaitToReconnectMs);
  const socket = {
    connectTimeout: connectTimeoutMs,
    reconnectStrategy,
    ...(address.tls && { tls: true as const }),
  };
  const { username, password } = address;
  const options = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    socket,
    // Begins with a command, so that a connection counts only once it is answered: one that a proxy takes and drops is otherwise
    // made again without a pause.
    RESP: 3 as const,
    disableOfflineQueue: true,
    // The package's own limit makes a timer and a signal for each command, and ends when the command is written.
    commandOptions: { timeout: 0 },
    commandsQueueMaxLength: longestQueue,
    disableClientInfo: true,
    maintNotifications: 'disabled' as const,
  };
  const [first] = address.nodes;

  if (address.type === 'cluster') {
    const client = createCluster({
      RESP: 3,
      rootNodes: address.nodes.map((node) => ({ socket: { ...socket, ...node } })),
      // What isn't said here doesn't hold for the nodes that are found.
      defaults: options,
      topologyRefreshOnReconnectionAttemptStrategy: 500,
    });
    client.on('error', onError);
    /** The Cluster's own `sendCommand` sends some commands to all primaries, WAIT among them; a node's doesn't follow MOVED. */
    const sendToHolder: RedisClient['sendInOrder'] = async (key, commands, abortSignal) => {
      const node = await client.getNodeClientForKey(key, false);
      return Promise.all(commands.map((command) => node.sendCommand([...command], { abortSignal })));
    };
    return {
      connect: () => connecting(() => client.connect()),
      send: (key, command, abortSignal) => client.sendCommand(key, false, [...command], { abortSignal }),
      async sendInOrder(key, commands, abortSignal) {
        try {
          return await sendToHolder(key, commands, abortSignal);
        } catch (error) {
          if (!isReplyOf('MOVED', error)) throw error;
          // Nothing was done. A command that the package sends follows to where the key is now, and so finds out.
          await client.sendCommand(key, false, ['EXISTS', key], { abortSignal });
          return sendToHolder(key, commands, abortSignal);
        }
      },
      primaries: async () => {
        const nodes = await Promise.all(client.masters.map((node) => client.nodeClient(node)));
        return nodes.map((node) => (command, abortSignal) => node.sendCommand([...command], { abortSignal }));
      },
      info: async () => (await client.nodeClient(client.getRandomNode())).info(),
      destroy: () => client.destroy(),
    };
  }

  const client = createClient({
    ...options,
    socket: { ...socket, ...first },
    database: address.database,
  });
  client.on('error', onError);
  return {
    connect: () => connecting(() => client.connect()),
    send: (_, command, abortSignal) => client.sendCommand([...command], { abortSignal }),
    sendInOrder: (_, commands, abortSignal) =>
      Promise.all(commands.map((command) => client.sendCommand([...command], { abortSignal }))),
    primaries: async () => [(command, abortSignal) => client.sendCommand([...command], { abortSignal })],
    info: () => client.info(),
    destroy: () => client.destroy(),
  };
}

/** Whether the server answered with this error: MOVED, READONLY, NOSCRIPT. */
export function isReplyOf(code: string, error: unknown): boolean {
  return error instanceof ErrorReply && error.message.startsWith(code);
}
