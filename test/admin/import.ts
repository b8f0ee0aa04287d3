/**
 * `POST /users/import`, over HTTP: what is taken, what is refused, and that nothing is written unless it is meant. Run on each engine.
 */
import { describe, expect, it } from 'vitest';
import { type Imported, importFile } from '../support/import-file.ts';
import { type Body, type TestService, withTestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

export function describeImport(engine: string, settings: Settings): void {
  const withService = async (use: (ringkey: TestService) => Promise<void>) =>
    withTestService({ env: await settings() }, use);

  const user = async (ringkey: TestService, identity: string) =>
    (await ringkey.api('GET', `/users/${encodeURIComponent(identity)}`)).body;
  const status = async (ringkey: TestService, identity: string) =>
    (await ringkey.api('GET', `/users/${identity}/pin`)).body;
  const count = async (ringkey: TestService) => {
    const { body } = await ringkey.api('GET', '/users?limit=1000');
    return Array.isArray(body.users) ? body.users.length : 0;
  };
  const events = async (ringkey: TestService, event: string) => {
    const { body } = await ringkey.api('GET', `/audit?event=${event}`);
    return body.records as readonly Body[];
  };
  /** What is wrong, as "line column code". */
  const told = ({ refused }: Imported) =>
    refused.map(({ line, column, code }) => `${line} ${column} ${code}`);

  describe(`POST /users/import on ${engine}`, () => {
    it('takes every field, and PINs that work and must be changed at the first sign-in', () =>
      withService(async (ringkey) => {
        const file = [
          'PIN,Extension,displayName,email,upn,alias,sipAddress,account,dn,legacyExchangeDn,phoneNumbers,locale,policy,enabled',
          '596183,1001,"Lovelace, Ada",ada@example.com,ada@corp.example.com,ada,sip:ada@example.com,CORP\\ada,' +
            '"CN=Ada,OU=Sales,DC=example",/o=Example/cn=ada,"+14155550100; +49 30 901820",de,lync,TRUE',
          ',1002,Grace Hopper,,,,,,,,,,,no',
        ].join('\n');
        const imported = await importFile(ringkey, file);
        expect(imported).toMatchObject({
          status: 200,
          refused: [],
          summary: { rows: 2, created: 2, refused: 0, written: true, dryRun: false, ignoredColumns: [] },
        });
        expect(await user(ringkey, 'ada@example.com')).toMatchObject({
          extension: '1001',
          displayName: 'Lovelace, Ada',
          upn: 'ada@corp.example.com',
          alias: 'ada',
          sipAddress: 'sip:ada@example.com',
          account: 'CORP\\ada',
          dn: 'CN=Ada,OU=Sales,DC=example',
          legacyExchangeDn: '/o=Example/cn=ada',
          phoneNumbers: ['+14155550100', '+4930901820'],
          locale: 'de-DE',
          policy: 'lync',
          enabled: true,
        });
        expect(await user(ringkey, '1002')).toMatchObject({ displayName: 'Grace Hopper', enabled: false });
        expect(await status(ringkey, '1001')).toMatchObject({ pinSet: true, pinExpired: true });
        expect(await status(ringkey, '1002')).toMatchObject({ pinSet: false });
        const call = await ringkey.dial();
        await call.press('1001#596183#');
        expect(call.heard()).toMatch(/PIN/);
        expect(imported.text + ringkey.logged.join()).not.toContain('596183');
      }));

    it('asks for no change where the file or the request says so', () =>
      withService(async (ringkey) => {
        const file = 'extension,pin,pinExpired\n1001,596183,\n1002,740296,yes\n';
        await importFile(ringkey, file, 'pinExpired=false');
        expect(await status(ringkey, '1001')).toMatchObject({ pinSet: true, pinExpired: false });
        expect(await status(ringkey, '1002')).toMatchObject({ pinSet: true, pinExpired: true });
        const call = await ringkey.dial();
        await call.press('1001#596183#');
        expect(call.heard()).toMatch(/signed in/);
      }));

    it('writes nothing unless all rows are good, and tells each refused one by line and column', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '2001', email: 'taken@example.com' });
        const file = [
          'extension;displayName;email;policy;pin;enabled',
          '1001;Ada;ada@example.com;;596183;',
          '10-02;Grace;not an address;;;',
          ';Nobody;;;;',
          '1001;;;;;',
          '1005;;ada@example.com;;;',
          '2001;;;;;',
          '1007;;taken@example.com;;;',
          '1008;;;none;123456;',
          '1009;;;;123456;',
          '1010;;;;;perhaps',
          '1011;too many;;;;;;x',
          '1012;too few',
          '1013;"over',
          'two lines";;;;',
          '1015;;;;15;',
        ].join('\r\n');
        const imported = await importFile(ringkey, file);
        expect(told(imported)).toEqual([
          '3 extension invalid',
          '3 email invalid',
          '4 extension invalid',
          '5 extension duplicate',
          '6 email duplicate',
          '7 extension identity_taken',
          '8 email identity_taken',
          '9 policy unknown_policy',
          '10 pin pin_refused',
          '11 enabled invalid',
          '12 null invalid',
          '13 null invalid',
          '14 displayName invalid',
          '16 pin pin_refused',
        ]);
        expect(imported.refused.filter(({ code }) => code === 'pin_refused')).toMatchObject([
          { codes: ['sequence', 'keypad_line'] },
          { codes: ['too_short'] },
        ]);
        expect(imported.refused[3]).toMatchObject({ problem: 'is the same as in line 2' });
        expect(imported.summary).toMatchObject({ rows: 14, created: 1, refused: 13, written: false });
        expect(imported.text).not.toMatch(/123456|596183/);
        expect(await count(ringkey)).toBe(1);
        expect(await events(ringkey, 'users.imported')).toEqual([]);
      }));

    it('writes the good rows with skipBad', () =>
      withService(async (ringkey) => {
        const file = 'extension,pin\n1001,596183\n1002,123456\n1003,\n1001,740296\n';
        const imported = await importFile(ringkey, file, 'skipBad=true');
        expect(told(imported)).toEqual(['3 pin pin_refused', '5 extension duplicate']);
        expect(imported.summary).toMatchObject({ rows: 4, created: 2, refused: 2, written: true });
        expect(await count(ringkey)).toBe(2);
        const call = await ringkey.dial();
        await call.press('1001#596183#');
        expect(call.heard()).toMatch(/first sign-in/);
      }));

    it('only says what would come of it in a dry run', () =>
      withService(async (ringkey) => {
        const imported = await importFile(
          ringkey,
          'extension,pin\n1001,596183\n1002,123456\n',
          'dryRun=true',
        );
        expect(told(imported)).toEqual(['3 pin pin_refused']);
        expect(imported.summary).toMatchObject({ created: 1, refused: 1, written: false, dryRun: true });
        expect(await count(ringkey)).toBe(0);
      }));

    it('can be run again: whoever is there already is skipped, or brought up to date', () =>
      withService(async (ringkey) => {
        const first = 'extension,displayName,email,pin\n1001,Ada,ada@example.com,596183\n';
        await importFile(ringkey, first);
        await ringkey.api('PATCH', '/users/1001/pin', { lockedOut: true });
        const before = await status(ringkey, '1001');
        ringkey.clock.advance(1000);
        const second = `${first}1002,Grace,grace@example.com,740296\n`;
        expect(told(await importFile(ringkey, second))).toEqual(['2 extension identity_taken']);

        const skipping = await importFile(ringkey, second, 'existing=skip');
        expect(skipping.summary).toMatchObject({ created: 1, skipped: 1, updated: 0 });
        expect(await status(ringkey, '1001')).toEqual(before);

        const third = 'extension,displayName,pin\n1001,Ada Lovelace,947160\n1002,,\n';
        const updating = await importFile(ringkey, third, 'existing=update&pinExpired=false');
        expect(updating.summary).toMatchObject({ created: 0, updated: 2 });
        expect(await user(ringkey, '1001')).toMatchObject({
          displayName: 'Ada Lovelace',
          email: 'ada@example.com',
        });
        expect(await user(ringkey, '1002')).toMatchObject({ displayName: null, email: 'grace@example.com' });
        expect(await status(ringkey, '1001')).toMatchObject({ pinExpired: false, lockedOut: true });
        expect(await status(ringkey, '1002')).toMatchObject({ pinSet: true, pinExpired: true });
        await ringkey.api('PATCH', '/users/1001/pin', { lockedOut: false });
        const call = await ringkey.dial();
        await call.press('1001#947160#');
        expect(call.heard()).toMatch(/signed in/);

        const stolen = 'extension,email\n1001,grace@example.com\n';
        expect(told(await importFile(ringkey, stolen, 'existing=update'))).toEqual([
          '2 email identity_taken',
        ]);
      }));

    it('is recorded for each user, and as a whole', () =>
      withService(async (ringkey) => {
        await importFile(ringkey, 'extension,pin\n1001,596183\n1002,\n', 'existing=skip');
        expect(await events(ringkey, 'user.created')).toHaveLength(2);
        expect(await events(ringkey, 'pin.reset')).toMatchObject([
          { details: { origin: 'administrator', pinExpired: true } },
        ]);
        expect(await events(ringkey, 'users.imported')).toMatchObject([
          {
            accountId: null,
            details: { rows: 2, created: 2, refused: 0, existing: 'skip', interrupted: false },
          },
        ]);
        expect((await ringkey.api('GET', '/audit/verification')).body).toMatchObject({ intact: true });
      }));

    it('is confined to the scope of the token, out of which nobody is seen', () =>
      withService(async (ringkey) => {
        await ringkey.addUser({ extension: '1001', dn: 'CN=Ada,OU=Research,DC=example' });
        await ringkey.addUser({ extension: '1002', dn: 'CN=Grace,OU=Sales,DC=example' });
        const grant = { name: 'sales', role: 'admin', scope: 'OU=Sales,DC=example' };
        const { token } = (await ringkey.api('POST', '/tokens', grant)).body;
        const file = [
          'extension,dn',
          '1001,"CN=Ada,OU=Sales,DC=example"',
          '1002,"CN=Grace Hopper,OU=Sales,DC=example"',
          '1003,"CN=Joan,OU=East,OU=Sales,DC=example"',
          '1004,"CN=Mary,OU=Research,DC=example"',
          '1005,',
        ].join('\n');
        const imported = await importFile(ringkey, file, 'existing=update&skipBad=true', {
          authorization: `Bearer ${token}`,
        });
        expect(told(imported)).toEqual([
          '2 extension identity_taken',
          '5 dn out_of_scope',
          '6 dn out_of_scope',
        ]);
        expect(imported.summary).toMatchObject({ created: 1, updated: 1 });
      }));

    it('takes a thousand rows, says how far it is, and stops when the client goes away', () =>
      withService(async (ringkey) => {
        const rows = Array.from({ length: 1500 }, (_, n) => `${3000 + n},Name ${n}`);
        const file = ['extension,displayName', ...rows].join('\n');
        const gone = new AbortController();
        const response = await fetch(`${ringkey.service.url}/api/v1/users/import`, {
          method: 'POST',
          headers: { authorization: `Bearer ${ringkey.secrets.adminToken}`, 'content-type': 'text/csv' },
          body: file,
          signal: gone.signal,
        });
        const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
        let heard = '';
        while (!heard.includes('"writing"')) heard += (await reader?.read())?.value ?? '';
        gone.abort();
        let recorded: readonly Body[] = [];
        while (recorded.length === 0) recorded = await events(ringkey, 'users.imported');
        expect(recorded).toMatchObject([{ details: { rows: 1500, interrupted: true } }]);
        const left = await count(ringkey);
        expect(left).toBeGreaterThan(0);
        const again = await importFile(ringkey, file, 'existing=skip');
        expect(again.summary).toMatchObject({ rows: 1500, refused: 0, written: true, interrupted: false });
        const { created, skipped } = again.summary ?? {};
        expect(Number(created) + Number(skipped)).toBe(1500);
        expect(again.progress).toContainEqual({ phase: 'checking', rows: 640 });
      }));
  });
}
