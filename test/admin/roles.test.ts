/**
 * Who may do what, tried: each kind of token at each operation of each route. What comes out is the table of `src/core/roles.ts`,
 * and a route without an operation here fails.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayDo, type Operation, operations, type Role } from '../../src/core/roles.ts';
import { routesOf } from '../support/routes.ts';
import { type Body, startTestService, type TestService } from '../support/service.ts';

const sales = 'OU=Sales,DC=example';
const support = 'OU=Support,DC=example';

/** One way to use a route, and everything that it takes a permission for. */
interface Use {
  readonly route: string;
  readonly operations: readonly Operation[];
  readonly body?: Body;
  /** CSV, in place of a body. */
  readonly file?: string;
}

const filter = { displayName: 'nobody*' };

const uses: readonly Use[] = [
  { route: 'GET /users', operations: ['users.list'] },
  { route: 'POST /users', operations: ['users.create'], body: {} },
  { route: 'GET /users/:identity', operations: ['users.read'] },
  { route: 'PATCH /users/:identity', operations: ['users.change'], body: { displayName: 'Ann' } },
  { route: 'DELETE /users/:identity', operations: ['users.remove'] },
  { route: 'GET /users/export', operations: ['users.list'] },
  { route: 'GET /export', operations: ['data.export'] },
  { route: 'POST /users/import', operations: ['users.import'], file: 'extension\n' },
  { route: 'GET /users/:identity/pin', operations: ['pins.read'] },
  { route: 'PATCH /users/:identity/pin', operations: ['pins.read', 'pins.lock'], body: { lockedOut: true } },
  {
    route: 'PATCH /users/:identity/pin',
    operations: ['pins.read', 'pins.unlock'],
    body: { lockedOut: false },
  },
  {
    route: 'PATCH /users/:identity/pin',
    operations: ['pins.read', 'pins.expire'],
    body: { pinExpired: true },
  },
  { route: 'POST /users/:identity/pin/reset', operations: ['pins.reset'], body: { pin: '740296' } },
  {
    route: 'POST /users/:identity/pin/reset',
    operations: ['pins.reset', 'pins.reveal'],
    body: { reveal: true },
  },
  {
    route: 'POST /pins/reset',
    operations: ['pins.reset', 'pins.reveal'],
    body: { filter, expectedCount: 0, reveal: true },
  },
  { route: 'POST /pins/lock', operations: ['pins.lock'], body: { filter, expectedCount: 0 } },
  { route: 'POST /pins/unlock', operations: ['pins.unlock'], body: { filter, expectedCount: 0 } },
  { route: 'POST /pins/expire', operations: ['pins.expire'], body: { filter, expectedCount: 0 } },
  { route: 'GET /policies', operations: ['policies.read'] },
  { route: 'GET /policies/:name', operations: ['policies.read'] },
  { route: 'PUT /policies/:name', operations: ['policies.change'], body: {} },
  { route: 'DELETE /policies/:name', operations: ['policies.change'] },
  { route: 'GET /tokens', operations: ['tokens.list'] },
  { route: 'POST /tokens', operations: ['tokens.create'], body: { role: 'viewer' } },
  { route: 'DELETE /tokens/:id', operations: ['tokens.revoke'] },
  { route: 'GET /statistics', operations: ['statistics.read'] },
  { route: 'GET /audit', operations: ['audit.read'] },
  { route: 'GET /audit/verification', operations: ['audit.read'] },
];

/** What anybody may read: it holds no secret. */
const open = ['GET /openapi.json', 'GET /docs'];

let ringkey: TestService;
beforeAll(async () => {
  ringkey = await startTestService();
});
afterAll(() => ringkey.stop());

let last = 3000;
const nextExtension = () => String(++last);
const addUser = (unit: string) => {
  const extension = nextExtension();
  return ringkey.addUser({ extension, dn: `CN=${extension},${unit}` }, '596183');
};

/** Uses a route on something made for this one use, so that it is there to be used. */
async function perform({ route, body, file }: Use, token: string, unit = sales) {
  const [method = '', pattern = ''] = route.split(' ');
  let path = pattern;
  if (path.includes(':identity')) path = path.replace(':identity', await addUser(unit));
  if (path.includes(':name')) {
    await ringkey.api('PUT', '/policies/made-for-this', {});
    path = path.replace(':name', 'made-for-this');
  }
  if (path.includes(':id')) {
    const made = await ringkey.api('POST', '/tokens', { name: `made-${nextExtension()}`, role: 'viewer' });
    path = path.replace(':id', String(made.body.id));
  }
  const extension = nextExtension();
  const named: Record<string, Body> = {
    'POST /users': { extension, dn: `CN=${extension},${unit}` },
    'POST /tokens': { name: `made-${extension}` },
  };
  const sent = body === undefined ? file : { ...body, ...named[route] };
  const type = file === undefined ? {} : { 'content-type': 'text/csv' };
  return ringkey.api(method, path, sent, { authorization: `Bearer ${token}`, ...type });
}

async function tokenFor(grant: Body): Promise<{ readonly id: string; readonly token: string }> {
  const { body } = await ringkey.api('POST', '/tokens', { name: `token-${nextExtension()}`, ...grant });
  return { id: String(body.id), token: String(body.token) };
}

/** A valid token doesn't count as a wrong one; an invalid one does, and ten are the most in a minute. */
const nextMinute = () => ringkey.clock.advance(60_000);

const label = ({ route, operations: needed }: Use) => `${route} (${needed.join(', ')})`;

it('has every route of the API, and no other', () => {
  const tried = new Set(uses.map(({ route }) => route));
  expect([...tried, ...open].sort()).toEqual(routesOf(ringkey.service.admin).sort());
});

it.each(open)('%s needs no token', async (route) => {
  const [, path = ''] = route.split(' ');
  const { status } = await ringkey.api('GET', path, undefined, { authorization: '' });
  expect(status).toBe(200);
});

it('has every operation of the table', () => {
  // The telephone has no route here; test/web/phone/production.ts tries who may use it.
  const tried = new Set([...uses.flatMap((use) => use.operations), 'phone.use']);
  expect([...tried].sort()).toEqual(Object.keys(operations).sort());
});

describe.each<[string, Role, string | null]>([
  ['a viewer', 'viewer', null],
  ['a help desk', 'helpdesk', null],
  ['an auditor', 'auditor', null],
  ['an administrator', 'admin', null],
  ['a viewer of one unit', 'viewer', sales],
  ['the help desk of one unit', 'helpdesk', sales],
  ['an auditor of one unit', 'auditor', sales],
  ['an administrator of one unit', 'admin', sales],
])('%s', (_who, role, scope) => {
  it('may do what the table says, and nothing else', async () => {
    const { token } = await tokenFor({ role, scope });
    const may = (use: Use) => use.operations.every((operation) => mayDo(role, operation, scope !== null));
    const tried = [];
    for (const use of uses) {
      const { status } = await perform(use, token);
      tried.push(`${label(use)} ${status < 300 ? 'done' : status}`);
    }
    expect(tried).toEqual(uses.map((use) => `${label(use)} ${may(use) ? 'done' : 403}`));
  });
});

it('the table is the one that was asked for', () => {
  const of = (role: Role, isScoped = false) =>
    (Object.keys(operations) as Operation[]).filter((operation) => mayDo(role, operation, isScoped));
  const looking: Operation[] = ['statistics.read', 'users.list', 'users.read', 'pins.read', 'policies.read'];
  const helping: Operation[] = ['pins.reset', 'pins.lock', 'pins.unlock', 'pins.expire'];
  expect(of('viewer').sort()).toEqual([...looking].sort());
  expect(of('helpdesk').sort()).toEqual([...looking, ...helping].sort());
  expect(of('auditor')).toEqual(['audit.read']);
  expect(of('admin')).toEqual(Object.keys(operations));
  expect(of('auditor', true)).toEqual([]);
});

it('the help desk of one unit finds nobody elsewhere', async () => {
  const { token } = await tokenFor({ role: 'helpdesk', scope: sales });
  const elsewhere = await addUser(support);
  for (const use of uses.filter(({ route }) => route.includes(':identity'))) {
    const { status } = await perform(use, token, support);
    const may = use.operations.every((operation) => mayDo('helpdesk', operation, true));
    expect([label(use), status]).toEqual([label(use), may ? 404 : 403]);
  }
  const { text } = await ringkey.api('GET', '/users?limit=1000', undefined, {
    authorization: `Bearer ${token}`,
  });
  expect(text).toContain(sales);
  expect(text).not.toContain(elsewhere);
  const everyone = { filter: {}, expectedCount: 0 };
  const counted = await ringkey.api('POST', '/pins/lock', everyone, { authorization: `Bearer ${token}` });
  const inSales = text.split(`,${sales}"`).length - 1;
  expect(counted.body).toMatchObject({ code: 'count_differs', count: inSales });
});

it.each(['expired', 'revoked'])('an administrator whose token is %s may do nothing', async (what) => {
  const { id, token } = await tokenFor({ role: 'admin', expiresInDays: 1 });
  if (what === 'revoked') await ringkey.api('DELETE', `/tokens/${id}`);
  else ringkey.clock.advance(86_400_000);
  for (const use of uses) {
    nextMinute();
    const { status } = await perform(use, token);
    expect([label(use), status]).toEqual([label(use), 401]);
  }
});
