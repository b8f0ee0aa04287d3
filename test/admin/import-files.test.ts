/**
 * `POST /users/import`: the files that it can read, as Excel, PowerShell and the products before us write them.
 */
import { request } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { importFile } from '../support/import-file.ts';
import { startTestService, type TestService } from '../support/service.ts';

let ringkey: TestService;
beforeEach(async () => {
  ringkey = await startTestService();
  return () => ringkey.stop();
});

const user = async (identity: string) =>
  (await ringkey.api('GET', `/users/${encodeURIComponent(identity)}`)).body;
const status = async (identity: string) => (await ringkey.api('GET', `/users/${identity}/pin`)).body;

describe('a file', () => {
  const rows = ['displayName,extension', 'Zoë,1001', '"Åsa, née Ö",1002'];
  const semicolons = ['displayName;extension', 'Zoë;1001', '"Åsa, née Ö";1002'];
  const tabs = ['displayName\textension', 'Zoë\t1001', '"Åsa, née Ö"\t1002'];
  const bigEndian = Buffer.from(`\ufeff${tabs.join('\r\n')}`, 'utf16le').swap16();
  it.each<[string, string | Buffer]>([
    ['with commas', rows.join('\n')],
    ['with semicolons', semicolons.join('\n')],
    ['with tabs', tabs.join('\n')],
    ['with CR LF, and a byte order mark', `\ufeff${semicolons.join('\r\n')}\r\n`],
    ['with CR alone', rows.join('\r')],
    ['in UTF-16', Buffer.from(`\ufeff${tabs.join('\r\n')}`, 'utf16le')],
    ['in UTF-16, big-endian', bigEndian],
    ['that says its delimiter', `sep=;\r\n${semicolons.join('\r\n')}`],
    ['of Export-Csv', `#TYPE Selected.System.Object\r\n${rows.join('\r\n')}`],
    ['with capitals and blanks in its header', rows.join('\n').replace('displayName', '  DISPLAYNAME ')],
    ['with empty rows', `\n${rows.join('\n\n')}\n,\n\n`],
    ['with a quoted header', rows.join('\n').replace('displayName', '"displayName"')],
  ])('%s is read', async (_what, file) => {
    const imported = await importFile(ringkey, file);
    expect(imported).toMatchObject({ refused: [], summary: { rows: 2, created: 2 } });
    expect(await user('1001')).toMatchObject({ displayName: 'Zoë' });
    expect(await user('1002')).toMatchObject({ displayName: 'Åsa, née Ö' });
  });

  it('has its lines counted as an editor counts them', async () => {
    const file = 'extension,displayName\r\n\r\n1001,"two\r\nlines"\r\n"10\r\n\r\n02",x\r\nx,y\r\n';
    const { refused } = await importFile(ringkey, `#TYPE x\r\n${file}`);
    expect(refused.map(({ line }) => line)).toEqual([4, 6, 9]);
  });

  it('that is not UTF-8 is refused as such', async () => {
    const { status, problem } = await importFile(
      ringkey,
      Buffer.from('extension,displayName\n1,Zoë', 'latin1'),
    );
    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining('UTF-8') });
  });

  it.each([
    ['an unknown column', 'extension,colour\n1,red', [{ field: 'colour' }]],
    ['no column for the extension', 'displayName\nAda', [{ field: 'extension' }]],
    ['a column twice', 'extension,email,Email\n1,,', [{ field: 'Email' }]],
    [
      'no header, whose values are not repeated',
      '1001,596183\n',
      [{ field: 'column 1' }, { field: 'column 2' }, {}],
    ],
    ['nothing in it', '', [{ field: 'line 1' }]],
    ['an open quote in its header', '"extension\n1', [{ field: 'line 1' }]],
  ])('with %s is refused', async (_what, file, errors) => {
    const { status, problem, text } = await importFile(ringkey, file);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: 'invalid_request', errors });
    expect(text).not.toContain('596183');
  });

  it.each([
    ['a quote that is not closed', '1001,"Ada\n1002,596183\n', 2],
    ['a quote in the middle of a cell', '1001,Ada\n1002,A"d"a 596183\n', 3],
    ['a row without an end', `1001,"${'x'.repeat(70_000)}\n`, 2],
  ])('with %s writes nothing, not even with skipBad', async (_what, rest, line) => {
    const { refused, summary, text } = await importFile(ringkey, `extension,pin\n${rest}`, 'skipBad=true');
    expect(refused).toMatchObject([{ line, column: null, code: 'invalid' }]);
    expect(summary).toMatchObject({ written: false });
    expect(text).not.toContain('596183');
  });

  it('may have what a spreadsheet puts before a cell that looks like a formula', async () => {
    await importFile(ringkey, "extension,displayName,phoneNumbers\n1001,'=Ada,'+14155550100\n1002,''@b,\n");
    expect(await user('1001')).toMatchObject({ displayName: '=Ada', phoneNumbers: ['+14155550100'] });
    expect(await user('1002')).toMatchObject({ displayName: "'@b" });
  });
});

describe('a request', () => {
  const file = 'extension\n1001\n';
  it.each([
    ['another type', { 'content-type': 'application/json' }, 415],
    ['another encoding', { 'content-type': 'text/csv; charset=iso-8859-1' }, 415],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
    ['UTF-8 said aloud', { 'content-type': 'text/csv; charset="UTF-8"' }, 200],
  ])('with %s is answered as it should be', async (_what, headers, expected) => {
    expect((await importFile(ringkey, file, '', headers)).status).toBe(expected);
  });

  it.each([
    'preset=excel',
    'existing=replace',
    'dryRun=1',
    'skipBad=',
    'colour=red',
    'dryRun=true&dryRun=true',
  ])('with %s is refused', async (query) => {
    expect((await importFile(ringkey, file, query)).problem).toMatchObject({ code: 'invalid_request' });
  });

  it('waits for no other: the second at a time is told that the service is busy', async () => {
    const { port } = new URL(ringkey.service.url);
    const headers = { authorization: `Bearer ${ringkey.secrets.adminToken}`, 'content-type': 'text/csv' };
    const begin = () => {
      const sending = request({ port, method: 'POST', path: '/api/v1/users/import', headers });
      const answered = new Promise<number | undefined>((resolve) => {
        sending.once('response', (response) => resolve(response.resume().statusCode));
      });
      let isOver = false;
      answered.then(() => {
        isOver = true;
      });
      sending.write('extension\n');
      return { sending, answered, isOver: () => isOver };
    };
    let first = begin();
    let second = await importFile(ringkey, file, 'dryRun=true');
    while (second.status === 200) {
      // It may be the first that came too late.
      if (first.isOver()) first = begin();
      second = await importFile(ringkey, file, 'dryRun=true');
    }
    expect(second).toMatchObject({ status: 503, problem: { code: 'busy' } });
    first.sending.end('1002\n');
    expect(await first.answered).toBe(200);
    while (second.status !== 200) second = await importFile(ringkey, file, 'dryRun=true');
    expect(second.summary).toMatchObject({ created: 1 });
  });

  it('of more than 64 MB is refused', async () => {
    const large = Buffer.alloc(64 * 1024 * 1024 + 1, 'x');
    expect(await importFile(ringkey, large)).toMatchObject({
      status: 413,
      problem: { code: 'body_too_large' },
    });
  });

  it('leaves a user with that name alone', async () => {
    await ringkey.addUser({ extension: '1001', alias: 'import' });
    expect(await user('import')).toMatchObject({ extension: '1001' });
  });
});

describe('an export of Exchange UM', () => {
  it('brings users with all their names', async () => {
    const file = [
      '#TYPE Microsoft.Exchange.Data.Directory.Management.UMMailbox',
      '"DisplayName","PrimarySmtpAddress","EmailAddresses","Extensions","UMMailboxPolicy","SIPResourceIdentifier","DistinguishedName","LegacyExchangeDN","SamAccountName","UMEnabled","PhoneNumber"',
      '"Ada Lovelace","ada@example.com","SMTP:ada@example.com, smtp:lovelace@example.com, EUM:1001;phone-context=plan.example.com","1001","Default Policy","ada@example.com","CN=Ada,OU=Sales,DC=example","/o=Example/cn=ada","ada","True","+14155550100"',
      '"Grace Hopper","","SMTP:grace@example.com, sip:grace@sip.example.com, eum:1002;phone-context=plan.example.com","","","","","","","False","1002"',
      '"Joan Clarke","joan@example.com","","+493090182001, 77","","","","","","",""',
      '"Mary Shaw","mary@example.com","System.Collections.ArrayList","1004","","","","","","",""',
    ].join('\r\n');
    const imported = await importFile(ringkey, file, 'preset=exchange-um&skipBad=true');
    expect(imported.refused).toMatchObject([
      { line: 6, column: 'EmailAddresses', problem: expect.stringContaining('Select-Object') },
    ]);
    expect(imported.summary).toMatchObject({
      created: 3,
      ignoredColumns: ['UMMailboxPolicy', 'SamAccountName'],
    });
    expect(await user('1001')).toMatchObject({
      displayName: 'Ada Lovelace',
      email: 'ada@example.com',
      sipAddress: 'ada@example.com',
      dn: 'CN=Ada,OU=Sales,DC=example',
      legacyExchangeDn: '/o=Example/cn=ada',
      phoneNumbers: ['+14155550100'],
      account: null,
      policy: null,
      enabled: true,
    });
    expect(await user('1002')).toMatchObject({
      email: 'grace@example.com',
      sipAddress: 'sip:grace@sip.example.com',
      phoneNumbers: [],
      enabled: false,
    });
    expect(await user('493090182001')).toMatchObject({ phoneNumbers: ['+493090182001'] });
  });
});

describe('an export of Lync', () => {
  it('brings users with their extensions from LineURI', async () => {
    const file = [
      '#TYPE Microsoft.Rtc.Management.ADConnect.Schema.OCSADUser',
      '"Identity","SipAddress","LineURI","DisplayName","UserPrincipalName","PinPolicy","WindowsEmailAddress","Enabled"',
      '"CN=Ada,OU=Sales,DC=example","sip:ada@example.com","tel:+14155550100;ext=1001","Ada","ada@corp.example.com","","ada@example.com","True"',
      '"CN=Grace,OU=Sales,DC=example","sip:grace@example.com","tel:+14155550101","Grace","","","","False"',
      '"Joan","sip:joan@example.com","TEL:1003","Joan","","","",""',
      '"Mary","sip:mary@example.com","","Mary","","","",""',
    ].join('\r\n');
    const imported = await importFile(ringkey, file, 'preset=lync&skipBad=true');
    expect(imported.refused).toMatchObject([{ line: 6, column: 'extension', problem: 'is empty' }]);
    expect(imported.summary).toMatchObject({ created: 3, ignoredColumns: ['PinPolicy'] });
    expect(await user('sip:ada@example.com')).toMatchObject({
      extension: '1001',
      phoneNumbers: ['+14155550100'],
      dn: 'CN=Ada,OU=Sales,DC=example',
      upn: 'ada@corp.example.com',
      email: 'ada@example.com',
    });
    expect(await user('grace@example.com')).toMatchObject({ extension: '14155550101', enabled: false });
    expect(await user('joan@example.com')).toMatchObject({ extension: '1003', phoneNumbers: [], dn: null });
  });
});

describe('an export of Cisco Unity Connection', () => {
  it('brings users with the names that the Bulk Administration Tool writes', async () => {
    const file = [
      'Alias,DisplayName,FirstName,LastName,TemplateAlias,Extension,ListInDirectory,EmailAddress,SmtpProxyAddresses,CorporatePhoneNumber,Language,PIN',
      'ada,"Lovelace, Ada",Ada,Lovelace,VoiceMailUserTemplate,1001,1,ada@example.com,%null%,+14155550100,1031,596183',
      'grace,%null%,Grace,Hopper,VoiceMailUserTemplate,1002,1,%null%,"grace@example.com,hopper@example.com",5550101,1041,%null%',
    ].join('\n');
    const imported = await importFile(ringkey, file, 'preset=cisco-unity');
    expect(imported.refused).toEqual([]);
    expect(imported.summary).toMatchObject({
      created: 2,
      ignoredColumns: ['TemplateAlias', 'ListInDirectory'],
    });
    expect(await user('ada')).toMatchObject({
      extension: '1001',
      displayName: 'Lovelace, Ada',
      email: 'ada@example.com',
      phoneNumbers: ['+14155550100'],
      locale: 'de-DE',
    });
    expect(await status('1001')).toMatchObject({ pinSet: true, pinExpired: true });
    const grace = { displayName: 'Grace Hopper', email: 'grace@example.com', phoneNumbers: [], locale: null };
    expect(await user('grace')).toMatchObject(grace);
    expect(await status('1002')).toMatchObject({ pinSet: false });
  });
});

describe("Asterisk's voicemail.conf", () => {
  it('brings the mailboxes of its contexts', async () => {
    const file = [
      '; mailboxes',
      '[general]',
      'format = wav49',
      '[zonemessages]',
      "eastern=America/New_York|'vm-received' Q",
      '[default] ; here they are',
      '1001 => 596183,Ada Lovelace,ada@example.com|ada@corp.example.com,pager@example.com,attach=no|tz=eastern',
      '1002=>-740296, Grace Hopper ,, ; she may not change it',
      ';-- 1003 => 271803,Nobody',
      '1004 => 271803,Nobody either --;',
      '1005 = ,Joan Clarke',
      '[other](!)',
      '1006 => 1234,Weak',
      '1001 => 718281,Another Ada',
      'nonsense',
      '#include more.conf',
    ].join('\n');
    const imported = await importFile(ringkey, file, 'preset=asterisk&skipBad=true');
    expect(imported.refused).toMatchObject([
      { line: 13, column: 'password', code: 'pin_refused', codes: ['too_short'] },
      { line: 14, column: 'mailbox', code: 'duplicate', problem: 'is the same as in line 7' },
      { line: 15, column: null, code: 'invalid' },
      { line: 16, column: null, problem: expect.stringContaining('another file') },
    ]);
    expect(imported.summary).toMatchObject({ rows: 7, created: 3, ignoredColumns: ['pager', 'options'] });
    expect(imported.text).not.toMatch(/596183|718281|1234/);
    expect(await user('1001')).toMatchObject({ displayName: 'Ada Lovelace', email: 'ada@example.com' });
    expect(await user('1002')).toMatchObject({ displayName: 'Grace Hopper', email: null });
    expect(await status('1002')).toMatchObject({ pinSet: true });
    expect(await status('1005')).toMatchObject({ pinSet: false });
    expect((await ringkey.api('GET', '/users/1004')).status).toBe(404);
  });
});
