/**
 * `GET /users/export` and `GET /export`, over HTTP: everything is in them but secrets. Run on each engine.
 */
import { describe, expect, it } from 'vitest';
import { importFile } from '../support/import-file.ts';
import { type Body, type TestService, withTestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

/** Users whose fields a spreadsheet, or a careless reader of CSV, would take for something else. */
const users: readonly Body[] = [
  {
    extension: '1001',
    displayName: '=HYPERLINK("http://example.com")',
    email: 'ada@example.com',
    phoneNumbers: ['+14155550100', '+4930901820'],
    dn: 'CN=Lovelace\\, Ada,OU=Sales,DC=example',
    locale: 'de-DE',
    policy: 'lync',
  },
  { extension: '1002', displayName: "'@SUM(1)", alias: '-grace', upn: '+grace@example.com' },
  { extension: '1003', displayName: '"Joan"; Clarke, née', account: 'CORP\\joan', enabled: false },
  { extension: '0004', displayName: "'quoted'", phoneNumbers: ['+14155550101'] },
];

export function describeExport(engine: string, settings: Settings): void {
  const withService = async (use: (ringkey: TestService) => Promise<void>) =>
    withTestService({ env: await settings() }, use);

  const profiles = async (ringkey: TestService) => {
    const { body } = await ringkey.api('GET', '/users?limit=1000');
    const found = body.users as readonly Body[];
    return found
      .map(({ id: _id, createdAt: _createdAt, pin: _pin, ...profile }) => profile)
      .sort((a, b) => String(a.extension).localeCompare(String(b.extension)));
  };
  const exportCsv = async (ringkey: TestService, query = '') =>
    (await ringkey.api('GET', `/users/export${query}`, undefined, { accept: 'text/csv' })).text;
  const linesOf = (body: Body) => body.lines as readonly Body[];

  describe(`exports on ${engine}`, () => {
    it('come back through an import as they were', () =>
      withService(async (ringkey) => {
        for (const user of users) await ringkey.addUser(user);
        await ringkey.addUser({ extension: '1005' }, '596183', { lockedOut: true });
        const before = await profiles(ringkey);
        const file = await exportCsv(ringkey);
        for (const { id } of (await ringkey.api('GET', '/users')).body.users as readonly Body[])
          await ringkey.api('DELETE', `/users/${id}`);
        expect(await profiles(ringkey)).toEqual([]);
        const imported = await importFile(ringkey, file);
        expect(imported).toMatchObject({ refused: [], summary: { created: 5 } });
        expect(await profiles(ringkey)).toEqual(before);
      }));

    it('hold no cell that a spreadsheet takes for a formula', () =>
      withService(async (ringkey) => {
        for (const user of users) await ringkey.addUser(user);
        const file = await exportCsv(ringkey);
        expect(file.startsWith('\ufeff') || file.startsWith('extension')).toBe(true);
        const cells = file.split('\r\n').flatMap((row) => row.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []);
        expect(cells.length).toBeGreaterThan(100);
        expect(cells.filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([]);
      }));

    it('tell the status, and are chosen by filter and kept to the scope', () =>
      withService(async (ringkey) => {
        for (const user of users) await ringkey.addUser(user);
        await ringkey.addUser({ extension: '1005' }, '596183', { lockedOut: true });
        const [header = '', row = ''] = (await exportCsv(ringkey, '?lockedOut=true')).split('\r\n');
        const names = header.replace('\ufeff', '').split(',');
        const cells = row.split(',');
        const told = Object.fromEntries(names.map((name, index) => [name, cells[index]]));
        const expected = { pinSet: 'true', changeDue: 'false', lockedOut: 'true', policyInForce: 'default' };
        expect(told).toMatchObject({ extension: '1005', ...expected, lockReason: 'administrator' });

        const grant = { name: 'sales', role: 'viewer', scope: 'OU=Sales,DC=example' };
        const { token } = (await ringkey.api('POST', '/tokens', grant)).body;
        const headers = { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' };
        const scoped = await ringkey.api('GET', '/users/export', undefined, headers);
        expect(linesOf(scoped.body)).toMatchObject([{ extension: '1001', pin: { pinSet: false } }]);
      }));

    it('hold everything but secrets, and say where they end', () =>
      withService(async (ringkey) => {
        for (const user of users) await ringkey.addUser(user);
        const id = await ringkey.addUser({ extension: '1005' }, '907364');
        await ringkey.api('PUT', '/policies/sales', { minLength: 8, units: ['OU=Sales,DC=example'] });
        const { token } = (await ringkey.api('POST', '/tokens', { name: 'desk', role: 'helpdesk' })).body;
        const whole = await ringkey.api('GET', '/export');
        const lines = linesOf(whole.body);
        expect(lines[0]).toMatchObject({ export: { version: 1 } });
        expect(lines.at(-1)).toEqual({ end: { policies: 4, users: 5, tokens: 1 } });
        expect(lines.flatMap(({ user }) => (user === undefined ? [] : [user]))).toHaveLength(5);
        expect(lines).toContainEqual({ policy: expect.objectContaining({ name: 'sales', minLength: 8 }) });
        expect(lines).toContainEqual({ token: expect.objectContaining({ name: 'desk', role: 'helpdesk' }) });
        expect(lines).toContainEqual({ user: expect.objectContaining({ id }) });
        const asCsv = await exportCsv(ringkey);
        const { secrets } = ringkey;
        for (const text of [whole.text, asCsv]) {
          expect(text).not.toMatch(/argon2|\$v=|pepper|"hash|"history"/i);
          // An id may hold any six digits somewhere inside.
          expect(text).not.toMatch(/(?<![\w-])907364(?![\w-])/);
          for (const secret of [
            String(token),
            String(token).slice(-43),
            secrets.adminToken,
            secrets.pinPepper,
          ])
            expect(text).not.toContain(secret);
        }
        const { body } = await ringkey.api('GET', '/audit?event=data.exported');
        expect(body.records).toMatchObject([{ subject: 'everything' }, { subject: 'users' }]);
      }));
  });
}
