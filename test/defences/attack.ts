/** What holds against those who guess, flood and steal. */
import type { Defence } from './defence.ts';

const guessing = (name: string) => ({ file: 'test/attack/guessing.test.ts', name });

const theft = (name: string) => ({ file: 'test/attack/theft.test.ts', name });
const flood = (name: string) => ({ file: 'test/attack/flood.test.ts', name });
const hashes = {
  file: 'test/calls/dialogues.test.ts',
  name: 'computes a hash for every extension that is not locked, and none for one that is, whether it is anybody’s or not',
};

/** Taken out, an extension that nobody has is answered without a hash. */
const hashForNobody = {
  file: 'src/security/hasher.ts',
  find: 'async function verify(pin: string, stored: StoredHash | null): Promise<boolean> {',
  replace:
    'async function verify(pin: string, stored: StoredHash | null): Promise<boolean> {\n    if (stored === null) return false;',
};

export const defences: readonly Defence[] = [
  {
    name: 'a try is charged before it is hashed',
    file: 'src/core/lockout.ts',
    find: "if (lock === null) return { outcome: 'admitted', lockout: charge(opened(lockout), attempt, policy, now) };",
    replace: "if (lock === null) return { outcome: 'admitted', lockout };",
    test: guessing('computes no more hashes than the limit for a hundred calls at once'),
  },
  {
    name: 'a caller has a budget of failures',
    file: 'src/services/failure-budgets.ts',
    find: '(from === null ? limits.anonymousCallers : limits.caller)',
    replace: '(from === null ? limits.anonymousCallers : Number.MAX_SAFE_INTEGER)',
    test: guessing(
      'turns away whoever tries one PIN on many extensions, after as many hashes as a caller may cost',
    ),
  },
  {
    name: 'digits are those of a telephone',
    file: 'src/voice/webhook.ts',
    find: 'if (digits !== null && !/^[0-9*#]{0,200}$/.test(digits)) return null;',
    replace: '',
    test: guessing('takes no keys that a telephone does not have'),
  },
  {
    name: 'only the extension finds an account by telephone, as it is',
    file: 'src/services/accounts.ts',
    find: "const [account] = await holders(normaliseIdentity(extension), { kind: 'extension', most: 1 });",
    replace:
      "const [account] = await holders(normaliseIdentity(extension.replace(/^0+/, '').slice(0, 4)), { kind: 'extension', most: 1 });",
    test: guessing('lets nobody try an account beyond its limit, however its extension is keyed'),
  },
  {
    name: 'a step is answered once',
    file: 'src/services/run-call.ts',
    find: 'if (found === null || !isLive(found) || found.value.answer.stepId !== stepId) {',
    replace: 'if (found === null || !isLive(found)) {',
    test: guessing(
      'gives nothing for a signed webhook that is sent again, sent late, or sent for another call',
    ),
  },
  {
    name: 'what is not signed goes no further',
    file: 'src/voice/router.ts',
    find: "return refuse(403, 'The signature does not fit.');",
    replace: '',
    test: flood('a flood of webhooks without a signature costs no hash and no document'),
  },
  {
    name: 'wrong tokens are counted by address',
    file: 'src/services/authentication.ts',
    find: 'wrong > wrongTokensPerMinute ?',
    replace: 'wrong > 1_000_000 ?',
    test: flood('guesses at tokens are one count for each address, and are answered alike'),
  },
  {
    name: 'a session needs its CSRF token',
    file: 'src/admin/auth.ts',
    find: "if (hasCsrfToken(session, request.get('x-csrf-token') ?? '')) return session.bearer;",
    replace: "if (session.bearer !== null || hasCsrfToken(session, '')) return session.bearer;",
    test: flood('guesses at sessions and their CSRF tokens do nothing, and are answered alike'),
  },
  {
    name: 'a hash takes the pepper',
    file: 'src/security/hasher.ts',
    find: 'argon2.hash(pin, { ...settings, secret: hashKey })',
    replace: 'argon2.hash(pin, hashKey.length === 0 ? { ...settings, secret: hashKey } : settings)',
    test: theft('a stolen database has no PIN, number or token in it'),
  },
  {
    name: 'what is keyed for an extension is blinded with the pepper',
    file: 'src/security/peppers.ts',
    find: ".update(JSON.stringify([purpose, value]))\n        .digest('base64url')\n        .slice(0, 22),",
    replace:
      ".update(JSON.stringify([purpose, value]))\n        .digest('base64url')\n        .slice(0, 22)\n        .concat('-', value),",
    test: theft('a stolen database has no PIN, number or token in it'),
  },
  {
    name: 'mails wait sealed',
    file: 'src/security/sealed-box.ts',
    find: 'const { id, boxKey } = peppers.current;',
    replace: "const { id: keyId, boxKey } = peppers.current;\n      const id = [keyId, text].join('.');",
    test: theft('a stolen database has no PIN, number or token in it'),
  },
  {
    name: 'an extension that nobody has costs a hash as well',
    ...hashForNobody,
    test: {
      file: 'test/attack/timing.soak.test.ts',
      name: 'answers a wrong PIN no sooner or later for one kind of extension than for another, on the embedded store',
    },
  },
  {
    name: 'an extension that nobody has costs a hash as well, on Redis',
    ...hashForNobody,
    test: {
      file: 'test/attack/timing.soak.test.ts',
      name: 'answers a wrong PIN no sooner or later for one kind of extension than for another, on Redis',
    },
  },
  {
    name: 'the service has a budget of failures, however many numbers they come from',
    file: 'src/services/failure-budgets.ts',
    find: 'serviceSpent: ofService > limits.service',
    replace: 'serviceSpent: false',
    // Fifty numbers and a thousand extensions, on the engine that is through with them in seconds.
    test: {
      file: 'test/attack/spray.soak.test.ts',
      name: 'stops whoever tries one PIN on a thousand extensions, on Redis',
    },
  },
  {
    name: 'the service has a budget of failures for tries at once as well',
    file: 'src/services/failure-budgets.ts',
    find: 'serviceSpent: ofService > limits.service',
    replace: 'serviceSpent: false',
    test: {
      file: 'test/calls/dialogues.test.ts',
      name: 'tries at once from many callers get no more hashes than it has',
    },
  },
  {
    name: 'an account whose PIN must be changed costs a hash as well',
    file: 'src/services/sign-in.ts',
    find: 'const right = await ticket.verify(pinTry.pin, pin?.hash ?? null);',
    replace: `const right =
        pin?.changeRequired !== true && (await ticket.verify(pinTry.pin, pin?.hash ?? null));`,
    test: hashes,
  },
  {
    name: 'a disabled account costs a hash as well',
    file: 'src/services/sign-in.ts',
    find: 'const right = await ticket.verify(pinTry.pin, pin?.hash ?? null);',
    replace: `const right =
        account?.value.profile.enabled !== false && (await ticket.verify(pinTry.pin, pin?.hash ?? null));`,
    test: hashes,
  },
  {
    name: 'a locked account costs no hash, as a locked extension that nobody has',
    file: 'src/services/sign-in.ts',
    find: "if (charged.outcome !== 'admitted') {",
    replace: `if (charged.outcome !== 'admitted') {
        if (tried?.kind === 'account') await ticket.verify(pinTry.pin, null);`,
    test: hashes,
  },
];
