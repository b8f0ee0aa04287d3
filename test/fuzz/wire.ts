/**
 * Requests as bytes: with headers, addresses and bodies that no well-behaved client sends, over connections that are kept.
 */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';

export interface WireRequest {
  readonly method: string;
  /** As it goes into the first line, in latin1. */
  readonly path: string;
  /** Names and values, each as often as it is to be sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Wire {
  /** Sends it with a Host, and a Content-Length unless there is one or Transfer-Encoding. Null: the connection broke without an answer. */
  send(sent: WireRequest): Promise<WireAnswer | null>;
  /** Sends bytes over a connection of their own and ends it; what came back, as latin1. */
  sendBytes(bytes: Buffer): Promise<string>;
  close(): void;
}

/** No answer within this is a hang, which is a failure whatever was sent. */
const patienceMs = 20_000;

/** @param url where the service listens. */
export function createWire(url: string): Wire {
  const { hostname, port, host } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });

  return {
    send({ method, path, headers, body }) {
      const names = new Set(headers.map(([name]) => name.toLowerCase()));
      const all = [...headers, ['Host', host] as const];
      if (!names.has('content-length') && !names.has('transfer-encoding')) {
        all.push(['Content-Length', String(body.length)]);
      }
      return new Promise((resolve, reject) => {
        const sending = request({ agent, hostname, port, method, path, headers: all.flat() });
        const timer = setTimeout(() => {
          reject(new Error(`No answer within ${patienceMs / 1000} s.`));
          sending.destroy();
        }, patienceMs);
        const settle = (answer: WireAnswer | null) => {
          clearTimeout(timer);
          resolve(answer);
        };
        sending.on('response', (response) => {
          read(response).then(
            (text) => settle({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
            () => settle(null),
          );
        });
        sending.on('error', () => settle(null));
        sending.end(body);
      });
    },
    sendBytes(bytes) {
      return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const socket = connect(Number(port), hostname);
        const timer = setTimeout(() => {
          reject(new Error(`Still open after ${patienceMs / 1000} s.`));
          socket.destroy();
        }, patienceMs);
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('error', () => {});
        socket.on('close', () => {
          clearTimeout(timer);
          resolve(Buffer.concat(chunks).toString('latin1'));
        });
        socket.end(bytes);
      });
    },
    close: () => agent.destroy(),
  };
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
