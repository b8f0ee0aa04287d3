/**
 * What an administrator did with the cmdlets of Exchange UM and Lync: a test for each row of the table, which names it, over HTTP and
 * through the command line. Run on each engine.
 *
 * Left out: the two rows of the pages `/admin` and `/me`, until there are any.
 */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, runAtTerminal, runCommand, runShell } from '../support/ringkey-command.ts';
import { type Body, startTestService, type TestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

const sales = 'OU=Sales,DC=example,DC=com';

const ada: Body = {
  extension: '1001',
  displayName: 'Ada Lovelace',
  email: 'ada@example.com',
  upn: 'ada@corp.example.com',
  alias: 'ada',
  sipAddress: 'sip:ada.lovelace@example.com',
  account: 'CORP\\ada',
  dn: `CN=Ada,${sales}`,
  legacyExchangeDn: '/o=Example/cn=ada',
  phoneNumbers: ['+14155550100'],
};

export function describeCmdletTable(engine: string, settings: Settings): void {
  let ringkey: TestService;
  beforeEach(async () => {
    ringkey = await startTestService({ env: await settings() });
    await ringkey.addUser(ada, '271803');
    return () => ringkey.stop();
  });

  const api = async (method: string, path: string, body?: Body, token?: unknown) =>
    ringkey.api(method, path, body, token === undefined ? {} : { authorization: `Bearer ${token}` });
  const status = async (identity = '1001') => (await api('GET', `/users/${identity}/pin`)).body;
  const cli = (args: readonly string[], { input = '', token }: { input?: string; token?: unknown } = {}) =>
    runCommand(ringkey, args, {
      input,
      ...(token === undefined
        ? {}
        : { env: { RINGKEY_URL: ringkey.service.url, RINGKEY_TOKEN: String(token) } }),
    });
  const hear = async (extension: string, pin: unknown) => {
    const call = await ringkey.dial();
    await call.press(`${extension}#${pin}#`);
    return call.heard();
  };
  const tokenOf = async (grant: Body) => (await api('POST', '/tokens', grant)).body.token;

  describe(`the table of cmdlets on ${engine}`, () => {
    it('Get-UMMailboxPIN: UserID, PinExpired, LockedOut, FirstTimeUser', async () => {
      const { body } = await api('GET', '/users/1001/pin');
      expect(body).toMatchObject({ pinExpired: false, lockedOut: false, firstTimeUser: true });
      expect(body.userId).toEqual((await api('GET', '/users/1001')).body.id);
      await hear('1001', '271803');
      const [shown] = recordsOf(await cli(['pin', 'get', '1001']));
      expect(shown).toEqual(await status());
      expect(shown).toMatchObject({ firstTimeUser: false });
    });

    it('Get-CsClientPinInfo: IsPinSet, IsLockedOut, LastPinChangeTime, PinExpirationTime', async () => {
      await ringkey.addUser({ extension: '1002', policy: 'exchange-um' }, '596183');
      const set = new Date(ringkey.clock.now());
      const expires = new Date(set.getTime() + 60 * 86_400_000);
      expect(await status('1002')).toMatchObject({
        pinSet: true,
        lockedOut: false,
        lastChangedAt: set.toISOString(),
        expiresAt: expires.toISOString(),
      });
      const listed = recordsOf(await cli(['pin', 'list'])).sort(({ extension }) =>
        extension === '1001' ? -1 : 1,
      );
      expect(listed).toEqual([await status('1001'), await status('1002')]);
    });

    it('Set-UMMailboxPIN -Pin / none (generated)', async () => {
      const generated = await api('POST', '/users/1001/pin/reset', { reveal: true });
      expect(await hear('1001', generated.body.pin)).toContain('choose a PIN of your own');
      await api('POST', '/users/1001/pin/reset', { pin: '596183', pinExpired: false });
      expect(await hear('1001', '596183')).toContain('You are signed in');
      const [revealed] = recordsOf(await cli(['pin', 'reset', '1001', '--reveal']));
      expect(revealed?.pin).toMatch(/^\d{6,}$/);
      const typed = await cli(['pin', 'reset', '1001', '--pin', '-'], { input: '1985848\n' });
      expect(typed).toMatchObject({ code: 0, err: '' });
      expect(typed.out).not.toContain('1985848');
      const refused = await cli(['pin', 'reset', '1001', '--pin', '-'], { input: '123456\n' });
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('pin_refused: sequence') });
      const onTheLine = await cli(['pin', 'reset', '1001', '--pin', '596183']);
      expect(onTheLine).toMatchObject({ code: 2, out: '' });
    });

    it('-PinExpired: true unless it is said', async () => {
      const reset = (body: Body) => api('POST', '/users/1001/pin/reset', { pin: '596183', ...body });
      expect((await reset({})).body).toMatchObject({ pinExpired: true });
      expect((await reset({ pinExpired: false })).body).toMatchObject({ pinExpired: false });
      const input = '740296\n';
      const change = recordsOf(await cli(['pin', 'reset', '1001', '--pin', '-'], { input }));
      expect(change).toMatchObject([{ pinExpired: true }]);
      const none = await cli(['pin', 'reset', '1001', '--pin', '-', '--no-pin-expired'], { input });
      expect(recordsOf(none)).toMatchObject([{ pinExpired: false }]);
    });

    it('-LockedOut: in a reset, and without one, which never touches the PIN', async () => {
      const reset = (body: Body) => api('POST', '/users/1001/pin/reset', { pin: '596183', ...body });
      expect((await reset({ lockedOut: true })).body).toMatchObject({ lockedOut: true });
      expect((await reset({ lockedOut: true })).body).toMatchObject({ lockedOut: true });
      expect((await reset({})).body).toMatchObject({ lockedOut: false });
      const { lastChangedAt } = await status();
      ringkey.clock.advance(60_000);
      const locked = await api('PATCH', '/users/1001/pin', { lockedOut: true });
      expect(locked.body).toMatchObject({ lockedOut: true, lastChangedAt });
      const unlocked = recordsOf(await cli(['pin', 'unlock', '1001']));
      expect(unlocked).toMatchObject([{ lockedOut: false, lastChangedAt }]);
      const kept = await cli(['pin', 'reset', '1001', '--locked-out', '--reveal']);
      expect(recordsOf(kept)).toMatchObject([{ lockedOut: true, lockReason: 'administrator' }]);
    });

    it('-SendEmail (true unless it is said), -NotifyEmail', async () => {
      const reset = (body: Body) => api('POST', '/users/1001/pin/reset', body);
      const { body } = await reset({});
      expect(body).toMatchObject({ mailTo: 'ada@example.com' });
      expect(body).not.toHaveProperty('pin');
      expect((await reset({ notifyEmail: 'desk@example.com' })).body).toMatchObject({
        mailTo: 'desk@example.com',
      });
      expect((await reset({ sendEmail: false })).body).toMatchObject({ code: 'pin_not_deliverable' });
      expect(recordsOf(await cli(['pin', 'reset', '1001']))).toMatchObject([{ mailTo: 'ada@example.com' }]);
      const elsewhere = await cli(['pin', 'reset', '1001', '--notify-email', 'desk@example.com']);
      expect(recordsOf(elsewhere)).toMatchObject([{ mailTo: 'desk@example.com' }]);
      expect(await cli(['pin', 'reset', '1001', '--no-send-email'])).toMatchObject({ code: 1, out: '' });
    });

    it('-WhatIf: every change can be tried', async () => {
      const before = await status();
      const tried: readonly (readonly [string, string, Body?])[] = [
        ['POST', '/users/1001/pin/reset?dryRun=true', { reveal: true }],
        ['PATCH', '/users/1001/pin?dryRun=true', { lockedOut: true }],
        ['PATCH', '/users/1001?dryRun=true', { displayName: 'Ann' }],
        ['DELETE', '/users/1001?dryRun=true'],
        ['POST', '/users?dryRun=true', { extension: '1009' }],
        ['PUT', '/policies/sales?dryRun=true', {}],
        ['POST', '/tokens?dryRun=true', { name: 'desk', role: 'helpdesk' }],
        ['POST', '/pins/lock?dryRun=true', { filter: {}, expectedCount: 1 }],
      ];
      for (const [method, path, body] of tried) {
        const { status: answered } = await api(method, path, body);
        expect([method, path, answered]).toEqual([method, path, 200]);
      }
      for (const change of [['lock'], ['expire'], ['reset', '--reveal']]) {
        expect(await cli(['pin', ...change, '1001', '--what-if'])).toMatchObject({ code: 0 });
      }
      expect(await status()).toEqual(before);
      expect((await api('GET', '/users/1009')).status).toBe(404);
      expect((await api('GET', '/users/1001')).body).toMatchObject({ displayName: 'Ada Lovelace' });
    });

    it('-Confirm, -Force: one is asked about with --confirm, many unless --yes, and the API is told the count', async () => {
      await ringkey.addUser({ extension: '1002' });
      const one = await runAtTerminal(ringkey, 'ringkey pin lock 1001 --confirm', [['[y/N]', 'n\r']]);
      expect(one.code).toBe(1);
      const many = await runAtTerminal(ringkey, 'ringkey pin lock 1001 1002', [
        ['Lock 2 users? [y/N]', 'n\r'],
      ]);
      expect(many.code).toBe(1);
      expect(await status()).toMatchObject({ lockedOut: false });
      expect(await cli(['pin', 'lock', '1001', '1002', '--yes'])).toMatchObject({ code: 0 });
      const wrong = await api('POST', '/pins/unlock', { filter: { lockedOut: true }, expectedCount: 1 });
      expect(wrong.body).toMatchObject({ code: 'count_differs', count: 2 });
      expect(await status()).toMatchObject({ lockedOut: true });
    });

    it('-IgnoreDefaultScope: for a token that is allowed it, with a DN as identity', async () => {
      const grant = { role: 'helpdesk', scope: 'OU=Research,DC=example,DC=com' };
      const may = await tokenOf({ name: 'may', mayIgnoreScope: true, ...grant });
      const mayNot = await tokenOf({ name: 'may-not', ...grant });
      const dn = encodeURIComponent(String(ada.dn));
      const look = async (path: string, token: unknown) => (await api('GET', path, undefined, token)).status;
      expect(await look(`/users/${dn}/pin`, may)).toBe(404);
      expect(await look(`/users/${dn}/pin?ignoreScope=true`, may)).toBe(200);
      expect(await look('/users/1001/pin?ignoreScope=true', may)).toBe(400);
      expect(await look(`/users/${dn}/pin?ignoreScope=true`, mayNot)).toBe(403);
      const args = ['pin', 'lock', String(ada.dn)];
      expect(await cli(args, { token: may })).toMatchObject({ code: 4 });
      expect(await cli([...args, '--ignore-scope'], { token: may })).toMatchObject({ code: 0 });
      expect(await cli([...args, '--ignore-scope'], { token: mayNot })).toMatchObject({ code: 3 });
    });

    it('-DomainController: there is one store, and the documentation says so', async () => {
      const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
      expect(readme).toMatch(/no `-DomainController`, because there is one store/);
      expect((await api('GET', '/users/1001/pin?domainController=x')).status).toBe(400);
      expect(await cli(['pin', 'get', '1001', '--domain-controller', 'x'])).toMatchObject({ code: 2 });
    });

    it('Set-CsClientPin: shown once, history not enforced, length and patterns enforced, digits only', async () => {
      const { body } = await api('POST', '/users/1001/pin/reset', { reveal: true });
      const { text } = await api('GET', '/users/1001/pin');
      expect(text).not.toContain(`"${body.pin}"`);
      for (const pin of [body.pin, '596183', body.pin]) {
        const again = await api('POST', '/users/1001/pin/reset', { pin });
        expect(again.status).toBe(200);
      }
      const codes = async (pin: string) => (await api('POST', '/users/1001/pin/reset', { pin })).body.codes;
      expect(await codes('59618')).toEqual(['too_short']);
      expect(await codes('111111')).toContain('repeated_digit');
      expect(await codes('5961a3')).toEqual(['not_digits']);
      const reveal = await tokenOf({ name: 'desk', role: 'helpdesk' });
      expect((await api('POST', '/users/1001/pin/reset', { reveal: true }, reveal)).status).toBe(403);
      const refused = await cli(['pin', 'reset', '1001', '--reveal'], { token: reveal });
      expect(refused).toMatchObject({ code: 3, out: '' });
    });

    it('Get-CsUser -OU … | Set-CsClientPin; Where IsPinSet -eq $False; Where IsLockedOut | Unlock-CsClientPin', async () => {
      await ringkey.addUser({ extension: '1002' });
      const ofUnit = await api('POST', '/pins/reset', {
        filter: { ou: sales },
        expectedCount: 1,
        reveal: true,
      });
      expect(ofUnit.body.lines).toMatchObject([{ extension: '1001' }, { summary: { done: 1 } }]);
      const lines = async (line: string) => recordsOf(await runShell(ringkey, line));
      expect(await lines(`ringkey pin list --ou ${sales} | ringkey pin reset - --reveal`)).toMatchObject([
        { extension: '1001', pin: expect.stringMatching(/^\d+$/) },
      ]);
      expect(await lines('ringkey pin reset --no-pin-set --reveal --yes')).toMatchObject([
        { extension: '1002', outcome: 'done', pin: expect.stringMatching(/^\d+$/) },
      ]);
      await api('POST', '/pins/lock', { filter: {}, expectedCount: 2 });
      const unlocked = await lines('ringkey pin list --locked-out | ringkey pin unlock - --yes');
      expect(unlocked).toHaveLength(2);
      expect(await lines('ringkey pin list --locked-out')).toEqual([]);
    });

    it('Lock-CsClientPin, Unlock-CsClientPin', async () => {
      const locked = recordsOf(await cli(['pin', 'lock', 'sip:ada.lovelace@example.com']));
      expect(locked).toMatchObject([{ lockedOut: true, lockReason: 'administrator', lockedUntil: null }]);
      expect(await hear('1001', '271803')).toMatch(/locked/i);
      ringkey.clock.advance(400 * 86_400_000);
      expect(await status()).toMatchObject({ lockedOut: true });
      expect((await api('PATCH', '/users/1001/pin', { lockedOut: false })).body).toMatchObject({
        lockedOut: false,
      });
      expect(await hear('1001', '271803')).toContain('You are signed in');
    });

    it('Identity: GUID, DN, domain\\account, UPN, LegacyExchangeDN, SMTP, alias, SIP, display name, extension, E.164', async () => {
      const { id } = (await api('GET', '/users/1001')).body;
      const { phoneNumbers: _numbers, ...single } = ada;
      const identities = [...Object.values(single), '+1 415 555 0100', 'SMTP:ADA@example.com', id].map(
        String,
      );
      for (const identity of identities) {
        const { body } = await api('GET', `/users/${encodeURIComponent(identity)}`);
        expect([identity, body.id]).toEqual([identity, id]);
      }
      const named = await cli(['user', 'get', ...identities]);
      expect(recordsOf(named).map((user) => user.id)).toEqual(identities.map(() => id));
      await ringkey.addUser({ extension: '1002', displayName: 'Ada Lovelace' });
      const both = await api('GET', '/users/ada%20lovelace');
      expect(both.body).toMatchObject({ code: 'identity_ambiguous', candidates: [{}, {}] });
      expect(await cli(['pin', 'lock', 'Ada Lovelace'])).toMatchObject({ code: 1, out: '' });
      const many = await cli(['pin', 'lock', '--display-name', 'ada*', '--yes']);
      expect(recordsOf(many)).toHaveLength(2);
    });

    it('Set-UMMailboxPolicy / Set-CsPinPolicy, Grant-CsPinPolicy', async () => {
      const policyOf = async () => (await status()).policy;
      await api('PUT', '/policies/sales', { preset: 'exchange-um', minLength: 8, units: [sales] });
      expect(await policyOf()).toBe('sales');
      await api('PATCH', '/users/1001', { policy: 'lync' });
      expect(await policyOf()).toBe('lync');
      const set = await cli(['policy', 'set', 'strict', 'minLength=9', '--preset', 'lync']);
      expect(recordsOf(set)).toMatchObject([{ name: 'strict', minLength: 9, maxLogonAttempts: 25 }]);
      expect(await cli(['user', 'set', '1001', '--policy', 'strict'])).toMatchObject({ code: 0 });
      expect(await status()).toMatchObject({ policy: 'strict', pinExpired: true });
      const contradicting = await cli(['policy', 'set', 'wrong', 'logonFailuresBeforePinReset=20']);
      expect(contradicting).toMatchObject({ code: 1, err: expect.stringContaining('policy_refused') });
    });

    it('RBAC roles; View-only: viewer, helpdesk, admin, auditor', async () => {
      const may = async (role: string) => {
        const token = await tokenOf({ name: `the-${role}`, role });
        const allowed = async (method: string, path: string, body?: Body) =>
          (await api(method, path, body, token)).status < 300;
        const commands = [
          ['pin', 'get', '1001'],
          ['pin', 'unlock', '1001'],
          ['audit', 'list'],
        ];
        const ran = await Promise.all(commands.map((args) => cli(args, { token })));
        const [cliLook, cliUnlock, cliAudit] = ran.map(({ code }) => code === 0);
        return {
          look: await allowed('GET', '/users/1001/pin'),
          unlock: await allowed('PATCH', '/users/1001/pin', { lockedOut: false }),
          reveal: await allowed('POST', '/users/1001/pin/reset', { reveal: true }),
          audit: await allowed('GET', '/audit'),
          cliLook,
          cliUnlock,
          cliAudit,
        };
      };
      const table = (look: boolean, unlock: boolean, reveal: boolean, audit: boolean) => ({
        look,
        unlock,
        reveal,
        audit,
        cliLook: look,
        cliUnlock: unlock,
        cliAudit: audit,
      });
      expect(await may('viewer')).toEqual(table(true, false, false, false));
      expect(await may('helpdesk')).toEqual(table(true, true, false, false));
      expect(await may('admin')).toEqual(table(true, true, true, true));
      expect(await may('auditor')).toEqual(table(false, false, false, true));
    });

    it('admin audit log: every change and every look at a status, never a PIN', async () => {
      const pin = '596183';
      await api('POST', '/users/1001/pin/reset', { pin });
      await api('GET', '/users/1001/pin');
      await cli(['pin', 'lock', '1001']);
      const { body, text } = await api('GET', '/audit?account=1001&actor=ADMIN_TOKEN');
      const told = body.records as readonly Body[];
      expect(told.map(({ event }) => event).slice(-3)).toEqual([
        'pin.reset',
        'pin.status-read',
        'pin.locked',
      ]);
      for (const record of told)
        expect(record).toMatchObject({
          at: expect.any(String),
          actor: { from: expect.any(String) },
          outcome: 'done',
        });
      const listed = await cli(['audit', 'list', '--account', '1001', '--actor', 'ADMIN_TOKEN']);
      expect(recordsOf(listed)).toEqual(told);
      // A hash may hold any six digits somewhere inside.
      expect(text + listed.out).not.toMatch(new RegExp(`(?<![\\w-])${pin}(?![\\w-])`));
      expect(await cli(['audit', 'verify'])).toMatchObject({ code: 0 });
    });
  });
}
