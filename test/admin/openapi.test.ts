/**
 * The OpenAPI document: it is valid, it has every route, problem and role, and the check that the other tests use can fail.
 */
import { createHash } from 'node:crypto';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPage } from '../../src/admin/document-page.ts';
import type { ApiDocument, ApiOperation } from '../../src/admin/openapi.ts';
import { generalProblems, problemsOfMe, problemsWithoutRoute } from '../../src/admin/problem-schemas.ts';
import { mayDo, type Operation, operations, roles } from '../../src/core/roles.ts';
import { problems } from '../../src/http/problem.ts';
import { checkerOf, type Exchange, UndocumentedError } from '../support/documented.ts';
import { routesOf } from '../support/routes.ts';
import { startTestService, type TestService } from '../support/service.ts';

let ringkey: TestService;
let document: ApiDocument;
beforeAll(async () => {
  ringkey = await startTestService();
  const answer = await fetch(`${ringkey.service.url}/api/v1/openapi.json`);
  document = JSON.parse(await answer.text());
});
afterAll(() => ringkey.stop());

const operationsOf = (): readonly ApiOperation[] =>
  Object.values(document.paths).flatMap((path) => Object.values(path));

it('is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate(structuredClone({ ...document }))).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

it('has every route of the API, and no other', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(documented.sort()).toEqual(routesOf(ringkey.service.admin).sort());
});

it('has every problem of the API in an operation, but that of an address without such a route', () => {
  const text = JSON.stringify(operationsOf());
  const missing = Object.keys(problems).filter(
    (code) =>
      !text.includes(`/${pascal(code)}Problem"`) &&
      ![...problemsWithoutRoute, ...problemsOfMe].some((other) => other === code),
  );
  expect(missing).toEqual([]);
  for (const operation of operationsOf().filter(({ security }) => security.length > 0)) {
    for (const code of generalProblems) {
      const response = JSON.stringify(operation.responses[problems[code].status]);
      expect([operation.operationId, response]).toEqual([
        operation.operationId,
        expect.stringContaining(`/${pascal(code)}Problem"`),
      ]);
    }
  }
});

it('says of each operation of the table who may do it', () => {
  const said = new Map(operationsOf().flatMap((operation) => Object.entries(operation['x-roles'] ?? {})));
  // The telephone is a page, and no part of the API.
  const table = (Object.keys(operations) as Operation[]).filter((one) => one !== 'phone.use');
  expect([...said.keys()].sort()).toEqual([...table].sort());
  for (const operation of table) {
    expect(said.get(operation)).toEqual(roles.filter((role) => mayDo(role, operation, false)));
  }
  const closedToScoped = operationsOf().filter((operation) => operation['x-scoped'] === false);
  expect(closedToScoped.map(({ operationId }) => operationId)).toContain('deleteTokensId');
  expect(closedToScoped.map(({ operationId }) => operationId)).not.toContain('getUsers');
});

it('needs the bearer token everywhere but for itself', () => {
  const open = operationsOf().filter(({ security }) => security.length === 0);
  expect(open.map(({ tags }) => tags)).toEqual(open.map(() => ['document']));
  expect(document.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
});

it('names only components that are there, and uses each', () => {
  const text = JSON.stringify(document);
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  const withoutRoute = problemsWithoutRoute.map((code) => `${pascal(code)}Problem`);
  expect([...used, ...withoutRoute].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

describe('the check of what tests send and get', () => {
  const user = {
    id: '2f1d9a0e-6c1b-4a57-9a53-0c8a44c0b111',
    extension: '2001',
    displayName: null,
    email: null,
    upn: null,
    alias: null,
    sipAddress: null,
    account: null,
    dn: null,
    legacyExchangeDn: null,
    phoneNumbers: [],
    locale: null,
    policy: null,
    enabled: true,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  const json = { 'content-type': 'application/json' };
  const good: Exchange = {
    method: 'POST',
    path: '/users',
    headers: json,
    body: '{"extension":"2001"}',
    status: 201,
    answerHeaders: new Headers({ ...json, etag: '"0"', location: '/api/v1/users/x' }),
    text: JSON.stringify(user),
  };
  const problem = (status: number, code: string, more = {}): Partial<Exchange> => ({
    status,
    answerHeaders: new Headers({ 'content-type': 'application/problem+json' }),
    text: JSON.stringify({
      type: 'about:blank',
      title: problems.not_permitted.title,
      status,
      code,
      detail: 'No.',
      ...more,
    }),
  });

  it('lets pass what is documented', () => {
    const check = checkerOf(document);
    check(good);
    check({ ...good, ...problem(403, 'not_permitted') });
    check({ ...good, ...problem(404, 'not_found'), path: '/nothing' });
  });

  it.each<[string, Partial<Exchange>]>([
    ['a status', { status: 200 }],
    ['a problem of another route', problem(409, 'policy_in_use')],
    ['a further member of a problem', problem(403, 'not_permitted', { pin: 'x' })],
    ['a problem under another status', problem(400, 'not_permitted')],
    ['a field of an answer', { text: JSON.stringify({ ...user, pinHash: 'x' }) }],
    ['an answer without a field', { text: JSON.stringify({ ...user, id: undefined }) }],
    ['a time that is none', { text: JSON.stringify({ ...user, createdAt: 'yesterday' }) }],
    ['a type of answer', { answerHeaders: new Headers({ 'content-type': 'text/html' }) }],
    ['a header of an answer', { method: 'GET', path: '/users/x/pin', body: undefined, status: 200 }],
    ['a field of a request', { body: '{"extension":"2001","shoeSize":46}' }],
    ['a request without its body', { body: undefined }],
    ['a type of request', { headers: { 'content-type': 'text/csv' } }],
    ['a parameter', { path: '/users?shoeSize=46' }],
    ['a request header', { headers: { ...json, 'if-match': '*' } }],
    ['an address', { path: '/shoes' }],
    ['a method', { method: 'PUT' }],
  ])('refuses %s that is not documented', (_what, change) => {
    expect(() => checkerOf(document)({ ...good, ...change })).toThrow(UndocumentedError);
  });
});

describe('the page', () => {
  const load = async () => {
    const answer = await fetch(`${ringkey.service.url}/api/v1/docs`);
    return { html: await answer.text(), policy: answer.headers.get('content-security-policy') ?? '' };
  };

  it('shows every operation, schema and problem, and links only to what is there', async () => {
    const { html } = await load();
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const schemas = Object.keys(document.components.schemas).filter((name) => !name.endsWith('Problem'));
    const expected = [
      ...operationsOf().map(({ operationId }) => operationId),
      ...schemas.map((name) => `schema-${name}`),
      ...Object.keys(problems)
        .filter((code) => !problemsOfMe.some((other) => other === code))
        .map((code) => `problem-${code}`),
    ];
    expect(ids).toEqual(expect.arrayContaining(expected));
    const links = [...html.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('runs nothing, loads nothing, and may do neither', async () => {
    const { html, policy } = await load();
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\ssrc=|\sstyle=|https?:/i);
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    expect(policy.split('; ').slice(0, 2)).toEqual(["default-src 'none'", `style-src 'sha256-${digest}'`]);
    expect(policy).not.toContain('unsafe');
  });

  it('shows markup in the document as text', () => {
    const hostile = '<script>alert(1)</script>';
    const { html } = renderPage({ ...document, info: { ...document.info, description: hostile } });
    expect(html).not.toContain(hostile);
    expect(html).toContain('&lt;script&gt;');
  });
});

function pascal(code: string): string {
  return code.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
