import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createPrinter } from '../../src/phone/printer.ts';
import { terminalCaller } from '../../src/phone/terminal.ts';

/** A terminal whose time passes when the test says so. */
function setUp() {
  const keyboard = Object.assign(new PassThrough(), {
    rawModes: [] as boolean[],
    setRawMode(raw: boolean) {
      keyboard.rawModes.push(raw);
    },
  });
  const rests: { ms: number; over: () => void }[] = [];
  let screen = '';
  const printer = createPrinter({
    write(text) {
      screen += text;
    },
  });
  const caller = terminalCaller(
    keyboard,
    printer,
    (ms, signal) =>
      new Promise((resolve, reject) => {
        rests.push({ ms, over: resolve });
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  return { keyboard, caller, rests, screen: () => screen };
}

describe('a caller at a terminal', () => {
  test('presses keys one at a time, which the screen does not tell', async () => {
    const { keyboard, caller, rests, screen } = setUp();
    const first = caller.nextKey(5000);
    keyboard.write('4');
    expect(await first).toBe('4');
    expect(rests.map(({ ms }) => ms)).toEqual([5000]);
    keyboard.write('x7*\r');
    expect(await caller.nextKey(5000)).toBe('7');
    expect(await caller.nextKey(5000)).toBe('*');
    expect(await caller.nextKey(5000)).toBe('#');
    expect(screen()).toBe('••••');
  });

  test('is silent when the time is over', async () => {
    const { caller, rests, screen } = setUp();
    const key = caller.nextKey(10_000);
    rests[0]?.over();
    expect(await key).toBe('silence');
    expect(caller.hungUp.aborted).toBe(false);
    expect(screen()).toBe('');
  });

  test('is not disturbed by function keys', async () => {
    const { keyboard, caller } = setUp();
    keyboard.write('\u001b[3~');
    keyboard.write('5');
    expect(await caller.nextKey(5000)).toBe('5');
  });

  test.each(['\u0003', '\u0004'])('hangs up with %j, and gives the keyboard back', async (key) => {
    const { keyboard, caller } = setUp();
    const pending = caller.nextKey(5000);
    keyboard.write(key);
    expect(await pending).toBe('silence');
    expect(caller.hungUp.aborted).toBe(true);
    expect(keyboard.rawModes).toEqual([true, false]);
  });

  test('hangs up at the end of piped keys', async () => {
    const { keyboard, caller } = setUp();
    keyboard.end('12\n');
    expect([await caller.nextKey(1), await caller.nextKey(1)]).toEqual(['1', '2']);
    expect(caller.hungUp.aborted).toBe(false);
    await caller.nextKey(1);
    expect(caller.hungUp.aborted).toBe(true);
  });

  test('sits through a pause, or cuts it short with a key where that is allowed', async () => {
    const { keyboard, caller, rests } = setUp();
    const firm = caller.hear({ kind: 'pause', seconds: 3, bargeIn: false });
    const order: string[] = [];
    const pause = Promise.resolve(firm).then(() => order.push('the pause is over'));
    keyboard.write('1');
    await new Promise(setImmediate);
    order.push('a key was pressed');
    expect(rests[0]?.ms).toBe(3000);
    rests[0]?.over();
    await pause;
    expect(order).toEqual(['a key was pressed', 'the pause is over']);
    await caller.hear({ kind: 'pause', seconds: 3, bargeIn: true });
    expect(await caller.nextKey(1)).toBe('1');

    const soft = caller.hear({ kind: 'pause', seconds: 3, bargeIn: true });
    keyboard.write('2');
    await soft;
    expect(await caller.nextKey(1)).toBe('2');
    expect(rests).toHaveLength(2);
  });

  test('can hang up in the middle of a pause', async () => {
    const { keyboard, caller } = setUp();
    const pause = caller.hear({ kind: 'pause', seconds: 3, bargeIn: false });
    keyboard.write('\u0003');
    await pause;
    expect(caller.hungUp.aborted).toBe(true);
  });
});

describe('what is printed', () => {
  const say = { kind: 'say', language: 'en-US', voice: null, loop: 1, bargeIn: false } as const;

  function print(isTTY: boolean) {
    let text = '';
    const write = (piece: string) => {
      text += piece;
    };
    return { printer: createPrinter({ isTTY, write }), text: () => text };
  }

  test('has a telephone in front on a terminal only', () => {
    for (const [isTTY, line] of [
      [true, '☎  "Hello."\n'],
      [false, '"Hello."\n'],
    ] as const) {
      const { printer, text } = print(isTTY);
      printer.event({ ...say, text: 'Hello.' });
      expect(text()).toBe(line);
    }
  });

  test('keeps keys on a line of their own', () => {
    const { printer, text } = print(false);
    printer.key();
    printer.key();
    printer.line('next');
    printer.line('after');
    expect(text()).toBe('••\nnext\nafter\n');
  });

  test('can not steer the terminal', () => {
    const { printer, text } = print(true);
    printer.event({ ...say, text: 'Hello \u009b31m\u001b[2JAda.' });
    expect(text()).toBe('☎  "Hello 31m[2JAda."\n');
  });

  test('notes everything else, without what stands in a query', () => {
    const { printer, text } = print(false);
    printer.event({ kind: 'play', url: 'https://a.example/x.mp3', loop: 1, bargeIn: true });
    printer.event({ kind: 'pause', seconds: 2, bargeIn: true });
    printer.event({ kind: 'dial', target: '+15550102222' });
    printer.event({ kind: 'warning', message: 'line 1: odd' });
    printer.event({
      kind: 'error',
      code: 11200,
      url: 'https://a.example/voice?t=secret',
      message: 'status 500',
    });
    printer.end({ by: 'caller' });
    printer.end({ by: 'document' });
    printer.end({ by: 'reject', reason: 'busy' });
    printer.end({ by: 'redirect', url: 'https://app.example/in?assertion=secret', note: 'not followed' });
    printer.end({ by: 'error', code: 11200, message: 'status 500' });
    expect(text().trimEnd().split('\n')).toEqual([
      '[plays https://a.example/x.mp3]',
      '[pause of 2 s]',
      '[connects to +15550102222, who answers and hangs up]',
      '[warning: line 1: odd]',
      '[error 11200 at https://a.example/voice: status 500]',
      '[you hung up]',
      '[the service hung up]',
      '[the service rejected the call: busy]',
      '[handed over to https://app.example/in: not followed]',
      '[the call failed: status 500]',
    ]);
  });
});
