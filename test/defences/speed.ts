/** What keeps the round trips to Redis few: each that waits for another is time of every call. */
import type { Defence } from './defence.ts';

const roundTrips = (name: string) => ({ file: 'test/calls/store-commands.redis.test.ts', name });

export const defences: readonly Defence[] = [
  {
    name: 'a step takes its rules from the call, and reads no policy',
    file: 'src/services/run-call.ts',
    find: 'const taken = await run(found.value, input, callStep);',
    replace: `const rules = dialogueRules(await policies.get(null));
      const taken = await run({ ...found.value, rules }, input, callStep);`,
    test: roundTrips('a step that only listens takes one round trip to read and one to write'),
  },
  {
    name: 'what a call that comes in needs is read at once',
    file: 'src/services/run-call.ts',
    find: `const [found, recognised, policy] = await Promise.all([
        load(store, place(callSid)),
        from === null ? null : accounts.recognise(from),
        policies.get(null),
      ]);`,
    replace: `const found = await load(store, place(callSid));
      const recognised = from === null ? null : await accounts.recognise(from);
      const policy = await policies.get(null);`,
    test: roundTrips(
      'a call that comes in reads the call, the default policy and the number in one round trip, and writes in one',
    ),
  },
  {
    name: 'what a PIN is charged to and measured by is asked for at once',
    file: 'src/services/sign-in.ts',
    find: `const [spent, tried, policySet] = await Promise.all([
        budgets.charge(pinTry.from),
        targets.find(target, pinTry.callSid),
        policies.stored(),
      ]);`,
    replace: `const spent = await budgets.charge(pinTry.from);
      const tried = await targets.find(target, pinTry.callSid);
      const policySet = await policies.stored();`,
    test: roundTrips(
      'a PIN takes seven round trips when it is right, and five when it is wrong, each waiting for what it needs',
    ),
  },
];
