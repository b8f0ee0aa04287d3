/**
 * An HTTP connection that costs its process next to nothing, because it shares the cores with what is measured: one request at a time on
 * a kept connection, and of the answer only status and body.
 */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Connection {
  /** Sends a request as it is to stand on the wire, and reads the answer, which has a `Content-Length` or comes in chunks. */
  send(request: string): Promise<Answer>;
  close(): void;
}

/** Node's servers close a connection after 5 s without a request; one that may be closed any moment isn't used again. */
const idleMs = 3000;

/** Who waits longer than this has no answer: what never answers is to fail a measurement, not to keep it waiting. */
const longestWaitMs = 10_000;

/** @throws from `send`: Error when the connection is refused or cut, or there is no answer within `deadlineMs`. */
export function createConnection(port: number, deadlineMs = longestWaitMs): Connection {
  let socket: Socket | null = null;
  let usedAt = 0;
  let waiting: {
    resolve(answer: Answer): void;
    reject(error: Error): void;
    readonly deadline: NodeJS.Timeout;
  } | null = null;
  let received = '';

  function settle(answer: Answer | Error): void {
    const settled = waiting;
    waiting = null;
    clearTimeout(settled?.deadline);
    received = '';
    usedAt = performance.now();
    if (answer instanceof Error) settled?.reject(answer);
    else settled?.resolve(answer);
  }

  function open(): Socket {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true });
    opened.setEncoding('latin1');
    opened.on('data', (chunk: string) => {
      received = received === '' ? chunk : received + chunk;
      const answer = parseAnswer(received);
      if (answer !== null) settle(answer);
    });
    const drop = (error: Error) => {
      if (socket !== opened) return;
      socket = null;
      settle(error);
    };
    opened.on('error', drop);
    opened.on('close', () => drop(new Error('The connection was closed before the answer.')));
    return opened;
  }

  /** An answer that comes after all must not be taken for that to the next request. */
  function giveUp(): void {
    const late = socket;
    socket = null;
    late?.destroy();
    settle(new Error(`There was no answer within ${deadlineMs} ms.`));
  }

  return {
    send(request) {
      if (socket !== null && performance.now() - usedAt > idleMs) {
        const idle = socket;
        socket = null;
        idle.destroy();
      }
      socket ??= open();
      const used = socket;
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject, deadline: setTimeout(giveUp, deadlineMs) };
        used.write(request, 'latin1');
      });
    },
    close() {
      const closed = socket;
      socket = null;
      closed?.destroy();
    },
  };
}

/** @returns null while a part of the answer is still to come. */
export function parseAnswer(text: string): Answer | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = text.slice(0, end + 2);
  const status = Number(text.slice(9, 12));
  const body = bodyOf(head, text, end + 4);
  return body === null ? null : { status, body };
}

function bodyOf(head: string, text: string, from: number): string | null {
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) {
    const to = from + Number(length);
    return text.length < to ? null : text.slice(from, to);
  }
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) return joinedChunks(text, from);
  throw new Error('An answer came without a length.');
}

/** The chunks of a body that begins at `from`; none has a trailer. Null while some are still to come. */
function joinedChunks(text: string, from: number): string | null {
  let body = '';
  for (let at = from; ; ) {
    const sizeEnd = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, sizeEnd), 16);
    const next = sizeEnd + 2 + size + 2;
    if (sizeEnd === -1 || text.length < next) return null;
    if (size === 0) return body;
    body += text.slice(sizeEnd + 2, next - 2);
    at = next;
  }
}
