/** The rules of PINs and locks, each of which the model test must miss. */
import type { Defence } from './defence.ts';

const test = {
  file: 'test/model/model.test.ts',
  name: 'does what the model says, whatever callers and administrators do',
};

const lockout = 'src/core/lockout.ts';
const account = 'src/core/account.ts';
const signIn = 'src/services/sign-in.ts';

export const defences: readonly Defence[] = [
  {
    name: 'an attempt is charged before its hash is computed',
    file: signIn,
    find: 'const charged = await charge(tried, pinTry, spent, policySet);',
    replace:
      'await ticket.verify(pinTry.pin, null);\n      const charged = await charge(tried, pinTry, spent, policySet);',
    test,
  },
  {
    name: 'a change is made only over what was read',
    file: 'src/store/embedded.ts',
    find: "if (!ofDocuments.every(holds)) return 'conflict';",
    replace: 'void holds;',
    test,
  },
  {
    name: 'an unlock begins both counts anew',
    file: lockout,
    find: '    ...openLockout,\n    failuresSinceSignIn: lockout.failuresSinceSignIn,',
    replace: '    ...lockout,\n    lock: null,\n    failuresSinceSignIn: lockout.failuresSinceSignIn,',
    test,
  },
  {
    name: 'a timed lock that opens takes its count with it',
    file: lockout,
    find: '{ ...lockout, lock: null, consecutiveFailures: 0, ownerFailed: false }',
    replace: '{ ...lockout, lock: null }',
    test,
  },
  {
    name: 'failures count on through timed locks, up to the hard limit',
    file: lockout,
    find: 'if (lockout.failuresSinceSuccess < policy.maxFailuresBeforeHardLock) return null;',
    replace: 'if (lockout.consecutiveFailures < policy.maxFailuresBeforeHardLock) return null;',
    test,
  },
  {
    name: 'a locked account has no PIN tried',
    file: lockout,
    find: 'if (!hasGrace(anchored, lock, attempt, policy, now)) {',
    replace: "if (lock.reason === 'administrator') {",
    test,
  },
  {
    name: 'a webhook delivered twice is charged once',
    file: lockout,
    find: "if (isCharged(lockout, attempt.id)) return { outcome: 'repeated' };",
    replace: '',
    test,
  },
  {
    name: 'a success clears the count',
    file: lockout,
    find: '    consecutiveFailures: 0,\n    failuresSinceSuccess: 0,\n    failuresSinceSignIn: Math.max',
    replace: '    failuresSinceSignIn: Math.max',
    test,
  },
  {
    name: 'a policy holds from the next sign-in on',
    file: 'src/services/policies.ts',
    find: 'const stored = async () => (await read()).policies;',
    replace:
      'let kept: PoliciesDocument | undefined;\n  const stored = async () => (kept ??= await read()).policies;',
    test,
  },
  {
    name: 'a PIN that is to be changed lets nobody in unchanged',
    file: account,
    find: "if (pin.changeRequired) return account.lastSignInAt === null ? 'first-use' : 'administrator';",
    replace: '',
    test,
  },
  {
    name: 'an extension that nobody has locks like any other',
    file: signIn,
    find: '        put: { schemaVersion: 1, lockout },\n',
    replace: '',
    test,
  },
  {
    name: 'a change on Redis is made only over what was read, by whichever process',
    file: 'src/store/commit.lua',
    find: 'if versionOf(KEYS[i]) ~= ARGV[5 * i - 2] then',
    replace: "if versionOf(KEYS[i]) == 'none' then",
    test: {
      file: 'test/model/model.redis.test.ts',
      name: 'do what the model says together, whatever callers and administrators do',
    },
  },
];
