/** What holds while secrets are rotated. */
import type { Defence } from './defence.ts';

const pepperDrill = (name: string) => ({ file: 'test/rotation/pepper.test.ts', name });

const tokenDrill = (name: string) => ({ file: 'test/rotation/tokens.test.ts', name });

export const defences: readonly Defence[] = [
  {
    name: 'values are blinded with the same key after the pepper was rotated: a new PIN is compared with the old one',
    file: 'src/services/pepper-check.ts',
    find: 'peppers: peppers.blindingWith(key)',
    replace: 'peppers',
    test: pepperDrill('compares a new PIN with the old one in a call that began before'),
  },
  {
    name: 'the key that values are blinded with goes from one pepper to the next',
    file: 'src/services/pepper-check.ts',
    find: "const blindKey = box.seal(key.toString('base64url'), blindKeyContext);",
    replace: "const blindKey = box.seal(current.blindKey.toString('base64url'), blindKeyContext);",
    test: pepperDrill('keeps failures of extensions that nobody has, and those of a caller'),
  },
  {
    name: 'a pepper that PINs still need is not left out',
    file: 'src/services/pepper-check.ts',
    find: 'if (needed !== undefined && needed.pins + needed.mails > 0) throw stillNeeded(id, needed);',
    replace: 'if (needed === null) throw stillNeeded(id, needed);',
    test: pepperDrill('goes on with every call, hashes again whoever signs in, and counts who is left'),
  },
  {
    name: 'a pepper that mails still need is not left out',
    file: 'src/services/pepper-check.ts',
    find: 'needed.pins + needed.mails > 0',
    replace: 'needed.pins > 0',
    test: pepperDrill(
      'sends mail that was sealed before, and keeps the old pepper for as long as some waits',
    ),
  },
  {
    name: 'a pepper that is announced is not told to be an old one that can be dropped',
    file: 'src/services/pepper-count.ts',
    find: "return isOld ? 'previous' : 'next';",
    replace: "return isOld ? 'previous' : 'previous';",
    test: pepperDrill('tells a pepper that is to come from one that was used before'),
  },
  {
    name: 'a hash of an earlier pepper is verified with that one',
    file: 'src/security/hasher.ts',
    find: 'const pepper = real === null ? null : peppers.find(real.pepperId);',
    replace: 'const pepper = real === null ? null : peppers.current;',
    test: pepperDrill('goes on with every call, hashes again whoever signs in, and counts who is left'),
  },
  {
    name: 'whoever signs in is hashed with the new pepper',
    file: 'src/security/hasher.ts',
    find: 'stored.pepperId !== peppers.current.id ||',
    replace: '',
    test: pepperDrill('goes on with every call, hashes again whoever signs in, and counts who is left'),
  },
  {
    name: 'a mail is opened with the pepper that it was sealed under',
    file: 'src/security/sealed-box.ts',
    find: 'const pepper = peppers.find(pepperOfBox(box));',
    replace: 'const pepper = peppers.current;',
    test: pepperDrill(
      'sends mail that was sealed before, and keeps the old pepper for as long as some waits',
    ),
  },
  {
    name: 'an operator is told of a PIN whose pepper is missing',
    file: 'src/services/sign-in.ts',
    find: "report({ type: 'pepper-missing', accountId: account.value.id, pepperId });",
    replace: '',
    test: pepperDrill('takes a wrong PIN where the pepper is missing after all, and tells the operator'),
  },
  {
    name: 'a machine that lacks the new pepper is not ready',
    file: 'src/services/pepper-check.ts',
    find: 'if (noted === null || peppers.find(noted.value.pepperId) === null) {',
    replace: 'if (noted === null) {',
    test: {
      file: 'test/rotation/pepper.redis.test.ts',
      name: 'says which machine is not ready, where the new pepper was not announced',
    },
  },
  {
    name: "the provider's other token is taken while the token is rotated",
    file: 'src/voice/signature.ts',
    find: "return secondary !== null && validateRequest(secondary, signature, url, { ...params }) ? 'secondary' : null;",
    replace: 'return null;',
    test: tokenDrill(
      'takes both tokens of the provider for a time, refuses no webhook of it, and then the old one',
    ),
  },
  {
    name: 'a webhook that was signed with a token of before is refused',
    file: 'src/voice/router.ts',
    find: 'if (token === null) {',
    replace: 'if (token === undefined) {',
    test: tokenDrill(
      'takes both tokens of the provider for a time, refuses no webhook of it, and then the old one',
    ),
  },
  {
    name: 'the next key of the signed statement is published before it is used',
    file: 'src/security/caller-assertion.ts',
    find: '[jwk, ...(await Promise.all(others))]',
    replace: '[jwk]',
    test: tokenDrill('signs statements that an application can verify at each step'),
  },
  {
    name: 'tokens of the store are good whatever ADMIN_TOKEN is',
    file: 'src/services/authentication.ts',
    find: 'return facts && bearerOf(facts);',
    replace: 'return null;',
    test: tokenDrill('lets a token of the store administer while ADMIN_TOKEN is another on each machine'),
  },
  {
    name: 'an ADMIN_TOKEN of before is refused',
    file: 'src/services/authentication.ts',
    find: 'if (timingSafeEqual(digest(token), expected)) return adminBearer;',
    replace: 'if (expected.length > 0) return adminBearer;',
    test: tokenDrill('lets a token of the store administer while ADMIN_TOKEN is another on each machine'),
  },
  {
    name: 'what has never happened is told as 0, so that its first time raises an alert',
    file: 'src/http/metrics.ts',
    find: "for (const scope of [...budgetScopes, 'admin-tokens']) alerts.inc({ scope }, 0);",
    replace: '',
    test: { file: 'test/docs/alerts.test.ts', name: 'is told' },
  },
];
