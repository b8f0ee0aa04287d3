import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../bench/frame/connection.ts';

const head = 'HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\n';

describe('an answer', () => {
  it.each([
    ['of a stated length', `${head}Content-Length: 4\r\n\r\nno\r\n`, 'no\r\n'],
    ['without a body', `${head}Content-Length: 0\r\n\r\n`, ''],
    [
      'in chunks',
      `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\nb\r\n, not today\r\n0\r\n\r\n`,
      'no, not today',
    ],
    ['in no chunk', `${head}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, ''],
  ])('%s is read when all of it is there, and not before', (_, text, body) => {
    for (let length = 0; length < text.length; length += 1)
      expect(parseAnswer(text.slice(0, length))).toBeNull();
    expect(parseAnswer(text)).toEqual({ status: 401, body });
  });

  it('without a length is refused', () => {
    expect(() => parseAnswer(`${head}\r\nno`)).toThrow('length');
  });
});
