/** What holds against requests that nobody should send. */
import type { Defence } from './defence.ts';

const webhooks = {
  file: 'test/fuzz/webhooks.test.ts',
  name: 'answers wild webhooks as it may, lets none in that was not signed, and is well afterwards',
};

const api = {
  file: 'test/fuzz/api.test.ts',
  name: 'answers wild requests to the API as its document says, and is well afterwards',
};

export const defences: readonly Defence[] = [
  {
    name: 'a webhook without a fitting signature is refused',
    file: 'src/voice/router.ts',
    find: 'if (token === null) {',
    replace: "if (signature === 'none') {",
    test: webhooks,
  },
  {
    name: 'a parameter may be there once',
    file: 'src/voice/webhook.ts',
    find: "if (name in params) return { ok: false, problem: 'A parameter is there twice.' };",
    replace: '',
    test: webhooks,
  },
  {
    name: 'what is no UTF-8 is no webhook',
    file: 'src/voice/webhook.ts',
    find: "if (!isUtf8(body)) return { ok: false, problem: 'The body is not valid UTF-8.' };",
    replace: 'isUtf8(body);',
    test: {
      file: 'test/voice/webhook.test.ts',
      name: 'reads bytes that were not encoded as UTF-8, and refuses what is none',
    },
  },
  {
    name: 'an address that is no UTF-8 is refused, and is no failure of ours',
    file: 'src/http/problem.ts',
    find: 'return error instanceof URIError',
    replace: 'return error instanceof EvalError',
    test: webhooks,
  },
  {
    name: 'something of each request is kept after it, so that memory grows',
    isFault: true,
    file: 'src/http/body-time.ts',
    find: 'request[restart] = start;',
    replace: 'request[restart] = start;\n  setInterval(() => start, 3_600_000).unref();',
    test: webhooks,
  },
  {
    name: 'a parameter has a name that the provider uses',
    file: 'src/voice/webhook.ts',
    find: 'if (!namePattern.test(name))',
    replace: "if (name === 'none')",
    test: webhooks,
  },
  {
    name: 'a webhook that is too large is read no further',
    file: 'src/voice/router.ts',
    find: "const largestBody = '64kb';",
    replace: "const largestBody = '64mb';",
    test: webhooks,
  },
  {
    name: 'a parameter that is called like what every object has is one like others',
    file: 'src/voice/webhook.ts',
    find: 'Object.create(null)',
    replace: '{}',
    test: webhooks,
  },
  {
    name: 'no policy is found by the name of what every object has',
    file: 'src/core/policy-set.ts',
    find: 'const entry = Object.hasOwn(stored, name) ? stored[name] : undefined;',
    replace: 'const entry = stored[name];',
    test: api,
  },
  {
    name: 'a body of the API that is too large is read no further',
    file: 'src/admin/route.ts',
    find: "express.json({ limit: '64kb', inflate: false })",
    replace: "express.json({ limit: '64mb', inflate: false })",
    test: {
      file: 'test/admin/api.test.ts',
      name: 'refuses a body that is no JSON, of another type, too large, or with unknown fields, and repeats none of it',
    },
  },
  {
    name: 'a body that is no JSON is refused, and is no failure of ours',
    file: 'src/http/problem.ts',
    find: "case 'entity.parse.failed':",
    replace: "case 'none':",
    test: api,
  },
  {
    name: 'an answer of the API has a field that its document does not name',
    isFault: true,
    file: 'src/admin/bodies.ts',
    find: 'return { ...userBody(account), pin: statusBody(status) };',
    replace: 'return { ...userBody(account), pin: statusBody(status), revision: 1 };',
    test: api,
  },
  {
    name: 'a promise is forked, so that nobody looks at what the fork rejects with',
    isFault: true,
    file: 'src/admin/auth.ts',
    find: 'await bearerOf(request);',
    replace: 'await ((asked) => (asked.then(() => null), asked))(bearerOf(request));',
    test: api,
  },
];
