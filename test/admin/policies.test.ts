import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';

let ringkey: TestService;
beforeAll(async () => {
  ringkey = await startTestService();
});
afterAll(() => ringkey.stop());

const put = (name: string, body: unknown, headers = {}) =>
  ringkey.api('PUT', `/policies/${name}`, body, headers);
const policyOf = async (identity: string) => (await ringkey.api('GET', `/users/${identity}/pin`)).body.policy;

describe('/policies', () => {
  it('lists the presets, and shows one', async () => {
    const { policies } = (await ringkey.api('GET', '/policies')).body;
    expect(policies).toEqual(
      expect.arrayContaining(
        ['default', 'exchange-um', 'lync'].map((name) => expect.objectContaining({ name })),
      ),
    );
    const lync = await ringkey.api('GET', '/policies/lync');
    expect(lync.body).toMatchObject({ name: 'lync', minLength: 5, lockoutMinutes: 60, units: [] });
    for (const name of ['nope', 'constructor', '__proto__']) {
      expect([name, (await ringkey.api('GET', `/policies/${name}`)).status]).toEqual([name, 404]);
    }
  });

  it('stores one from a preset, which holds at the next sign-in', async () => {
    const stored = await put('short', { preset: 'lync', minLength: 4 });
    expect(stored.body).toMatchObject({ name: 'short', minLength: 4, maxLogonAttempts: 25 });
    await ringkey.addUser({ extension: '2001', policy: 'short' }, '9371');
    expect(await policyOf('2001')).toBe('short');
    await put('short', { minLength: 6 });
    const call = await ringkey.dial();
    await call.press('2001#9371#');
    expect(call.heard()).toMatch(/6 digits|six digits/i);
  });

  it('refuses what is out of range, contradicts itself or is unknown, and changes nothing', async () => {
    const cases = [
      [{ minLength: 3 }, 'minLength'],
      [{ minLength: 4.5 }, 'minLength'],
      [{ lifetimeDays: 5, expiryWarningDays: 5 }, 'expiryWarningDays'],
      [{ units: ['OU=Taken,DC=example'] }, 'OU=Taken'],
    ] as const;
    await put('taken', { units: ['ou=taken, dc=example'] });
    for (const [body, problem] of cases) {
      const refused = await put('bad', body);
      expect(refused.body).toMatchObject({ status: 422, code: 'policy_refused' });
      expect(refused.body.problems).toEqual([expect.stringContaining(problem)]);
    }
    for (const body of [{ minLength: '6' }, { shoeSize: 46 }, { preset: 'nope' }, { units: ['Sales'] }]) {
      expect((await put('bad', body)).body).toMatchObject({ status: 400, code: 'invalid_request' });
    }
    for (const name of ['A', '-a', 'a%20b', 'a%7Bb', 'a'.repeat(65)]) {
      expect([name, (await put(name, {})).status]).toEqual([name, 400]);
    }
    expect((await ringkey.api('GET', '/policies/bad')).status).toBe(404);
  });

  it("holds for a unit and below: the user's own goes first, then the deepest unit's, else default", async () => {
    await put('all-sales', { units: ['OU=Sales,DC=example'] });
    await put('north', { units: ['OU=North,OU=Sales,DC=example', 'OU=Elsewhere,DC=example'] });
    const dn = 'CN=A,OU=North,OU=Sales,DC=example';
    await ringkey.addUser({ extension: '2101', dn });
    await ringkey.addUser({ extension: '2102', dn: dn.replace('OU=North', 'OU=South') });
    await ringkey.addUser({ extension: '2103', dn: dn.replace('A', 'B'), policy: 'lync' });
    await ringkey.addUser({ extension: '2104', dn: 'CN=A,OU=Presales,DC=example' });
    const names = ['2101', '2102', '2103', '2104'].map(policyOf);
    expect(await Promise.all(names)).toEqual(['north', 'all-sales', 'lync', 'default']);
  });

  it('asks a caller of a unit for what its policy says', async () => {
    await put('strict-unit', { minLength: 8, units: ['OU=Strict,DC=example'] });
    await ringkey.addUser({ extension: '2201', dn: 'CN=A,OU=Strict,DC=example' });
    const refused = await ringkey.api('POST', '/users/2201/pin/reset', { pin: '596183' });
    expect(refused.body.codes).toEqual(['too_short']);
    await ringkey.api('POST', '/users/2201/pin/reset', { pin: '59618374' });
    const call = await ringkey.dial();
    await call.press('2201#59618374#');
    await call.press('740296#');
    expect(call.heard()).toMatch(/8 digits|eight digits/i);
  });

  it('removes one that nobody uses, and no preset', async () => {
    await put('used', {});
    await ringkey.addUser({ extension: '2301', policy: 'used' });
    const remove = async (name: string) => (await ringkey.api('DELETE', `/policies/${name}`)).body.code;
    expect(await remove('used')).toBe('policy_in_use');
    await ringkey.api('PATCH', '/users/2301', { policy: null });
    expect(await remove('used')).toBeUndefined();
    expect(await remove('used')).toBe('not_found');
    await put('of-a-unit', { units: ['OU=Used,DC=example'] });
    for (const name of ['of-a-unit', 'default', 'lync']) expect(await remove(name)).toBe('policy_in_use');
  });

  it('with If-Match replaces and removes only what was seen', async () => {
    const seen = String((await put('matched', {})).headers.get('etag'));
    const next = await put('matched', { minLength: 7 }, { 'if-match': seen });
    expect(next.status).toBe(200);
    const stale = { 'if-match': seen };
    expect((await put('matched', {}, stale)).body.code).toBe('precondition_failed');
    expect((await ringkey.api('DELETE', '/policies/matched', undefined, stale)).status).toBe(412);
    expect((await ringkey.api('GET', '/policies/matched')).body.minLength).toBe(7);
  });

  it('with dryRun says how many users it would hold for, and who would have to change the PIN or be locked', async () => {
    const dn = (name: string) => `CN=${name},OU=Counted,DC=example`;
    await ringkey.addUser({ extension: '7001', dn: dn('a') }, '740296');
    await ringkey.addUser({ extension: '7002', dn: dn('b') }, '83057246');
    await ringkey.addUser({ extension: '7003', dn: dn('c') });
    await ringkey.addUser({ extension: '7004', dn: dn('d') }, '740296', { pinExpired: true });
    await ringkey.addUser({ extension: '7005', dn: dn('e'), policy: 'lync' }, '740296');
    const units = ['OU=Counted,DC=example'];
    const tried = await put('counted?dryRun=true', { units, minLength: 8 });
    expect(tried.body).toMatchObject({ dryRun: true, affected: { users: 4, mustChange: 1, locked: 0 } });
    ringkey.clock.advance(40 * 86_400_000);
    const aged = await put('counted?dryRun=true', {
      units,
      lifetimeDays: 30,
      inactivityLockDays: 39,
      expiryWarningDays: 7,
    });
    expect(aged.body).toMatchObject({ affected: { users: 4, mustChange: 2, locked: 4 } });
    expect((await put('counted', { units })).body).not.toHaveProperty('affected');
  });

  it('with dryRun says what would happen, and changes nothing', async () => {
    expect((await put('dry?dryRun=true', { minLength: 9 })).body).toMatchObject({ minLength: 9 });
    expect((await ringkey.api('GET', '/policies/dry')).status).toBe(404);
    await put('dry', {});
    const removal = await ringkey.api('DELETE', '/policies/dry?dryRun=true');
    expect(removal.body).toMatchObject({ name: 'dry', dryRun: true });
    expect((await ringkey.api('GET', '/policies/dry')).status).toBe(200);
  });
});
