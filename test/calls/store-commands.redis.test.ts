/**
 * What each webhook asks of Redis: which commands, and which of them wait for one another. Commands that are sent together take one round
 * trip. A step that only listens takes one to read the call and one to write it; each round trip more is time of every call.
 */
import { expect, it, onTestFinished } from 'vitest';
import { roundTrips } from '../../bench/frame/round-trips.ts';
import { type SentCommand, startFlightObserver } from '../support/flight-observer.ts';
import { startRedis } from '../support/redis-server.ts';
import { startTestService } from '../support/service.ts';

const pin = '596183';
const from = '+15551230000';
const ownNumber = '+15550000001';

/** What runs beside calls. */
const background = /counter:statistics|:outbox|expiry-mail|ringkey:ping/;

const readCall = ['HMGET call'];
const writeCall = ['EVALSHA call'];
const readAndWrite = [readCall, writeCall];

/** The command, and what its first key is of. Scripts name their keys behind their digest and their number. */
function nameOf([name = '', ...words]: SentCommand): string {
  const key = name === 'EVALSHA' ? (words[2] ?? '') : (words[0] ?? '');
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/^ringkey:\{c-/, 'call'],
    [/^ringkey:\{i-/, 'identity'],
    [/^ringkey:\{u-/, 'unknown extension'],
    [/^ringkey:\{p\d+\}/, 'account'],
    [/^ringkey:\{server\}/, 'policies'],
    [/^ringkey:counter:.*failures/, 'budgets'],
  ];
  return `${name} ${kinds.find(([pattern]) => pattern.test(key))?.[1] ?? key}`;
}

async function open() {
  const redis = await startRedis();
  onTestFinished(() => redis.remove());
  const observer = await startFlightObserver(redis.port);
  onTestFinished(() => observer.close());
  const ringkey = await startTestService({
    env: { REDIS_URL: `redis://127.0.0.1:${observer.port}`, APP_URL: 'https://app.example.com/calls' },
  });
  onTestFinished(() => ringkey.stop());
  await ringkey.addUser({ extension: '4711', phoneNumbers: [ownNumber] }, pin);

  // A script is sent whole the first time.
  const first = await ringkey.dial({ from: '+15551230001' });
  await first.press('4711#111111#');
  await first.hangUp();

  return {
    ringkey,
    /** What some work sends, by flight: within one, which stand in no order, sorted. */
    async flightsOf(work: () => Promise<unknown>): Promise<readonly (readonly string[])[]> {
      const flights = await observer.flightsOf(work);
      return flights
        .map((flight) => flight.filter((command) => !background.test(command.join(' '))).map(nameOf))
        .filter((flight) => flight.length > 0)
        .map((flight) => flight.sort());
    },
  };
}

/** How many of the flights only read, and how many write: the figures that stand in docs/performance.md. */
function countOf(flights: readonly (readonly string[])[]) {
  const writes = flights.filter((flight) => flight.some((command) => command.startsWith('EVALSHA'))).length;
  return { reads: flights.length - writes, writes };
}

it('a step that only listens takes one round trip to read and one to write', async () => {
  const { ringkey, flightsOf } = await open();
  const call = await ringkey.dial({ from });
  expect(await flightsOf(() => call.wait())).toEqual(readAndWrite);
  expect(await flightsOf(() => call.press('*#'))).toEqual(readAndWrite);
  expect(await flightsOf(() => call.press('4711#'))).toEqual(readAndWrite);
  expect(countOf(readAndWrite)).toEqual(roundTrips.listening);
});

it('an extension that nobody has takes what any takes', async () => {
  const { ringkey, flightsOf } = await open();
  const call = await ringkey.dial({ from });
  expect(await flightsOf(() => call.press('9999#'))).toEqual(readAndWrite);
});

it('a call that comes in reads the call, the default policy and the number in one round trip, and writes in one', async () => {
  const { ringkey, flightsOf } = await open();
  const dial = (number: string) => flightsOf(() => ringkey.dial({ from: number }));
  const atOnce = ['HMGET call', 'HMGET identity', 'HMGET policies', 'ZRANGEBYLEX identity'];
  const unknown = await dial('+15551230002');
  expect(unknown).toEqual([atOnce, writeCall]);
  expect(countOf(unknown)).toEqual(roundTrips.incoming);
  // Whose number it is says only what was read, so the account of a caller who is known takes another.
  const owner = await dial(ownNumber);
  expect(owner).toEqual([atOnce, ['HMGET account'], writeCall]);
  expect(countOf(owner)).toEqual(roundTrips.incomingFromOwner);
});

it('a PIN takes seven round trips when it is right, and five when it is wrong, each waiting for what it needs', async () => {
  const { ringkey, flightsOf } = await open();
  const toPin = async () => {
    const call = await ringkey.dial({ from });
    await call.press('4711#');
    return call;
  };
  const [first, second] = [await toPin(), await toPin()];
  const charged = [
    // The extension that was keyed stands in the call.
    readCall,
    // The budgets are charged meanwhile: a caller who has spent theirs is turned away before the account is touched.
    ['EVALSHA budgets', 'HMGET identity', 'HMGET policies'],
    // The identity says which account.
    ['HMGET account'],
    // Counted before it is verified, against what was read: else many at once had more tries than the limit. The hash comes after it.
    ['EVALSHA account'],
  ];
  const wrong = await flightsOf(() => first.press('111111#'));
  expect(wrong).toEqual([...charged, writeCall]);
  expect(countOf(wrong)).toEqual(roundTrips.wrongPin);
  const right = [
    ...charged,
    // The charge is taken back and the sign-in recorded only if the account is still the one that was verified.
    ['EVALSHA account'],
    // The budget is given back only to who is in, which that has decided.
    ['EVALSHA budgets'],
    // Nobody is told to be in before both are written.
    writeCall,
  ];
  // Then the provider tells that the call was handed over and is over.
  expect(await flightsOf(() => second.press(`${pin}#`))).toEqual([...right, ...readAndWrite]);
  expect(countOf(right)).toEqual(roundTrips.rightPin);
});
