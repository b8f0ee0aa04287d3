import { expect, it } from 'vitest';
import { readCommand } from '../../bench/frame/command-line.ts';

it('runs everything, and keeps it, when nothing is said', () => {
  expect(readCommand([])).toEqual({
    suites: [],
    options: {
      engines: ['embedded', 'redis'],
      inFlight: null,
      accounts: null,
      rounds: 3,
      roundMs: 4000,
      overloadMs: 60_000,
      profileFolder: null,
    },
    keep: true,
    docsOnly: false,
  });
});

it('runs a part, and keeps that only when asked to', () => {
  const args = [
    'sign-ins',
    '--engine',
    'redis',
    '--in-flight',
    '1,64',
    '--accounts',
    '10',
    '--rounds',
    '2',
    '--seconds',
    '0.5',
  ];
  const command = readCommand(args);
  expect(command).toMatchObject({
    suites: ['sign-ins'],
    options: { engines: ['redis'], inFlight: [1, 64], accounts: [10], rounds: 2, roundMs: 500 },
    keep: false,
  });
  expect(readCommand([...args, '--keep']).keep).toBe(true);
});

it('takes whatever makes a measurement shorter or other for a part', () => {
  for (const args of [
    ['--engine', 'redis'],
    ['--in-flight', '1'],
    ['--accounts', '10'],
    ['--rounds', '2'],
    ['--seconds', '1'],
    ['--overload-seconds', '5'],
    ['--cpu-prof', 'profiles'],
  ])
    expect(readCommand(args).keep, args[0]).toBe(false);
});

it('says how it is used when it is used otherwise', () => {
  for (const args of [['--rounds', '0'], ['--engine', 'sqlite'], ['--in-flight', '1,x'], ['--unknown']]) {
    expect(() => readCommand(args)).toThrow('npm run bench --');
  }
});
