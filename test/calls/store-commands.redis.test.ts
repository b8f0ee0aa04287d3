/**
 * What each webhook asks of Redis, command by command. A step that only listens reads the call and writes it, and nothing else; each
 * command more is time of every call.
 */
import { createClient } from 'redis';
import { expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../support/redis-server.ts';
import { startTestService } from '../support/service.ts';

const pin = '596183';
const read = ['HMGET'];
const readAndWrite = ['HMGET', 'EVALSHA'];

/** What runs beside calls. */
const background = /counter:statistics|:outbox|expiry-mail|ringkey:ping/;

async function open() {
  const redis = await startRedis();
  onTestFinished(() => redis.remove());
  const ringkey = await startTestService({
    env: { REDIS_URL: redis.url, APP_URL: 'https://app.example.com/calls' },
  });
  onTestFinished(() => ringkey.stop());
  await ringkey.addUser({ extension: '4711', phoneNumbers: ['+15550000001'] }, pin);

  // A script is sent whole the first time.
  const first = await ringkey.dial({ from: '+15551230001' });
  await first.press('4711#111111#');
  await first.hangUp();

  const client = createClient({ url: redis.url });
  const monitor = createClient({ url: redis.url });
  await Promise.all([client.connect(), monitor.connect()]);
  onTestFinished(() => client.destroy());
  onTestFinished(() => monitor.destroy());
  let commands: string[] = [];
  let onMarker = () => {};
  await monitor.monitor((reply) => {
    const [, source = '', name = '', rest = ''] = /^\S+ \[\d+ (\S+)\] "(\w+)"(.*)$/.exec(String(reply)) ?? [];
    if (name === 'ECHO') onMarker();
    // A script's own commands take no way between us and Redis.
    else if (source !== 'lua' && !background.test(rest)) commands.push(name);
  });

  return {
    ringkey,
    /** The names of the commands that some work sends, in the order in which Redis gets them. */
    async commandsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
      commands = [];
      await work();
      const marked = new Promise<void>((resolve) => {
        onMarker = resolve;
      });
      await client.sendCommand(['ECHO', 'marker']);
      await marked;
      return commands;
    },
  };
}

it('a step that only listens takes one command to read and one to write', async () => {
  const { ringkey, commandsOf } = await open();
  const call = await ringkey.dial({ from: '+15551230000' });
  expect(await commandsOf(() => call.wait())).toEqual(readAndWrite);
  expect(await commandsOf(() => call.press('*#'))).toEqual(readAndWrite);
  expect(await commandsOf(() => call.press('4711#'))).toEqual(readAndWrite);
});

it('an extension that nobody has takes what any takes', async () => {
  const { ringkey, commandsOf } = await open();
  const call = await ringkey.dial({ from: '+15551230000' });
  expect(await commandsOf(() => call.press('9999#'))).toEqual(readAndWrite);
});

it('a call that comes in looks at the call, the default policy and the number at once', async () => {
  const { ringkey, commandsOf } = await open();
  const dial = (from: string) => commandsOf(() => ringkey.dial({ from }));
  const atOnce = ['HMGET', 'HMGET', 'ZRANGEBYLEX', 'HMGET'];
  expect([...(await dial('+15551230000'))].sort()).toEqual([...atOnce, 'EVALSHA'].sort());
  expect([...(await dial('+15550000001'))].sort()).toEqual([...atOnce, ...read, 'EVALSHA'].sort());
});

it('a PIN takes nine commands when it is right, and seven when it is wrong', async () => {
  const { ringkey, commandsOf } = await open();
  const toPin = async () => {
    const call = await ringkey.dial({ from: '+15551230000' });
    await call.press('4711#');
    return call;
  };
  const [first, second] = [await toPin(), await toPin()];
  // The call; at once the budgets, the identity and the policies; the account; its charge.
  const charged = ['HMGET', 'EVALSHA', 'HMGET', 'HMGET', 'HMGET', 'EVALSHA'];
  const wrong = await commandsOf(() => first.press('111111#'));
  expect([...wrong].sort()).toEqual([...charged, 'EVALSHA'].sort());
  // What comes of it; the budgets given back; the call. Then the provider tells that the call was handed over and is over.
  const right = await commandsOf(() => second.press(`${pin}#`));
  expect([...right].sort()).toEqual([...charged, 'EVALSHA', 'EVALSHA', 'EVALSHA', ...readAndWrite].sort());
});
