import { expect, it } from 'vitest';
import { type CpuProfile, readProfile, selfTime } from '../../bench/frame/cpu-profile.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 1 });

/** From 1,000 µs on, a sample each 10 µs. */
function profileOf(samples: readonly number[]): CpuProfile {
  return {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 5, 7, 11] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('(garbage collector)') },
      { id: 4, callFrame: frame('handle', 'file:///home/of/somebody/src/voice/router.ts') },
      {
        id: 5,
        callFrame: frame('send', 'file:///x/node_modules/@redis/client/dist/socket.js'),
        children: [6],
      },
      // What the client of the store calls is the store's, through Node's own code too.
      { id: 6, callFrame: frame('writeGeneric', 'node:internal/stream_base_commons'), children: [9] },
      { id: 7, callFrame: frame('onread', 'node:net'), children: [10] },
      { id: 8, callFrame: frame('writeString') },
      { id: 9, callFrame: frame('writev') },
      { id: 10, callFrame: frame('writev') },
      { id: 11, callFrame: frame('write', 'file:///x/node_modules/pino/lib/tools.js'), children: [8] },
    ],
    startTime: 1000,
    samples: [...samples],
    timeDeltas: samples.map((_, index) => (index === 0 ? 0 : 10)),
  };
}

it('tells what the time went to, and whose sockets are whose', () => {
  const { busy, idle, kinds } = selfTime(profileOf([2, 3, 4, 5, 6, 7, 8, 9, 10, 2]), 0, 1e9);
  expect(idle).toBe(10);
  expect(busy).toBe(80);
  expect(Object.fromEntries(kinds)).toEqual({
    'garbage collector': 10,
    "Ringkey's other code": 10,
    'the log': 10,
    'store: client and its sockets, or LMDB': 30,
    "sockets and HTTP: Node's and the system's": 20,
  });
});

it('leaves out what was before and after', () => {
  // At 1,000 to 1,050 µs.
  expect(selfTime(profileOf([4, 4, 8, 8, 4, 4]), 1020, 1040).busy).toBe(20);
  expect(selfTime(profileOf([4, 4, 8, 8, 4, 4]), 1020, 1040).kinds.get('the log')).toBe(20);
});

it('names functions the same on every machine, the dearest first', () => {
  const { functions } = selfTime(profileOf([4, 9, 9, 5, 2]), 0, 1e9);
  expect(functions.map(({ name, us }) => [name, us])).toEqual([
    ['writev (native)', 20],
    ['handle (src/voice/router.ts)', 10],
    ['send (@redis/client/dist/socket.js)', 10],
  ]);
});

it('refuses what is no profile', () => {
  expect(() => readProfile('{}')).toThrow();
});
