/**
 * Where the messages of Redis' protocol end, as far as a proxy between client and server must know: commands as arrays of bulk strings,
 * and replies of RESP 2 and 3.
 */

/** A command and where the next one begins; null while some of it is still to come. */
export interface FoundCommand {
  readonly words: readonly string[];
  readonly end: number;
}

/** @throws Error when what stands there isn't a command as clients send it. */
export function findCommand(bytes: Buffer, from: number): FoundCommand | null {
  const head = findLine(bytes, from);
  if (head === null) return null;
  if (head.type !== '*') throw new Error('A command is an array.');
  const words: string[] = [];
  let at = head.end;
  for (let left = Number(head.text); left > 0; left -= 1) {
    const word = findLine(bytes, at);
    if (word === null) return null;
    const length = Number(word.text);
    const end = word.end + length + 2;
    if (end > bytes.length) return null;
    words.push(bytes.toString('latin1', word.end, word.end + length));
    at = end;
  }
  return { words, end: at };
}

/** Where the reply that begins here ends; null while some of it is still to come. */
export function endOfReply(bytes: Buffer, from: number): number | null {
  const head = findLine(bytes, from);
  if (head === null) return null;
  const count = Number(head.text);
  switch (head.type) {
    case '$':
    case '=':
    case '!': {
      const end = count < 0 ? head.end : head.end + count + 2;
      return end > bytes.length ? null : end;
    }
    case '*':
    case '~':
    case '>':
      return endOfReplies(bytes, head.end, count);
    case '%':
      return endOfReplies(bytes, head.end, 2 * count);
    default:
      return head.end;
  }
}

/** Whether the reply that begins here was sent unasked. */
export function isPush(bytes: Buffer, from: number): boolean {
  return bytes[from] === 0x3e;
}

function endOfReplies(bytes: Buffer, from: number, count: number): number | null {
  let at: number | null = from;
  for (let left = count; left > 0 && at !== null; left -= 1) at = endOfReply(bytes, at);
  return at;
}

function findLine(
  bytes: Buffer,
  from: number,
): { readonly type: string; readonly text: string; readonly end: number } | null {
  const end = bytes.indexOf('\r\n', from);
  if (end === -1) return null;
  return {
    type: bytes.toString('latin1', from, from + 1),
    text: bytes.toString('latin1', from + 1, end),
    end: end + 2,
  };
}
