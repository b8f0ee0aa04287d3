import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';

let ringkey: TestService;
beforeAll(async () => {
  ringkey = await startTestService();
});
afterAll(() => ringkey.stop());

let last = 7000;
const nextExtension = () => String(++last);
const unset = { pinSet: false, pinExpired: false, lockedOut: false, lockReason: null, lockedUntil: null };

describe('POST /users and GET /users/{identity}', () => {
  it('makes a user of whom only the extension is needed, without a PIN', async () => {
    const extension = nextExtension();
    const created = await ringkey.api('POST', '/users', { extension });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v1/users/${created.body.id}`);
    expect(created.body).toMatchObject({
      extension,
      displayName: null,
      phoneNumbers: [],
      policy: null,
      enabled: true,
    });
    const status = await ringkey.api('GET', `/users/${created.body.id}/pin`);
    expect(status.body).toEqual({
      ...unset,
      userId: created.body.id,
      extension,
      firstTimeUser: true,
      lastChangedAt: null,
      expiresAt: null,
      failedAttempts: 0,
      lastFailedAt: null,
      lastSignInAt: null,
      policy: 'default',
      mailsWaiting: 0,
      mailGivenUpAt: null,
    });
    expect(status.headers.get('cache-control')).toBe('no-store');
  });

  it('finds a user by id, extension, e-mail and telephone number, however they are spelled', async () => {
    const extension = nextExtension();
    const id = await ringkey.addUser({
      extension,
      email: 'Ada@Example.com',
      phoneNumbers: ['+1 (415) 555-0171'],
    });
    for (const identity of [id, extension, ' ADA@example.COM', '+14155550171', '+1 415 555-0171']) {
      const found = await ringkey.api('GET', `/users/${encodeURIComponent(identity)}`);
      expect([identity, found.body.id]).toEqual([identity, id]);
    }
    expect((await ringkey.api('GET', `/users/${extension}`)).body.phoneNumbers).toEqual(['+14155550171']);
  });

  it('has 409 with the candidates for a number that two users share, and 404 for nobody', async () => {
    const phoneNumbers = ['+14155550172'];
    const ids = [await ringkey.addUser({ extension: nextExtension(), phoneNumbers })];
    ids.push(await ringkey.addUser({ extension: nextExtension(), phoneNumbers }));
    const shared = await ringkey.api('GET', '/users/+14155550172');
    expect([shared.status, shared.body.code]).toEqual([409, 'identity_ambiguous']);
    expect(shared.body.candidates).toEqual(ids.map((id) => expect.objectContaining({ id })));
    expect((await ringkey.api('GET', '/users/nobody@example.com')).body).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('refuses an identity that another user has, and keeps nothing of the refused one', async () => {
    const extension = nextExtension();
    const email = 'taken@example.com';
    await ringkey.addUser({ extension: nextExtension(), email });
    const refused = await ringkey.api('POST', '/users', { extension, email: 'TAKEN@example.com' });
    expect(refused.body).toMatchObject({ status: 409, code: 'identity_taken', field: 'email' });
    expect((await ringkey.api('GET', `/users/${extension}`)).status).toBe(404);
    await ringkey.addUser({ extension });
  });

  it('gives an extension that is asked for many times at once to one user', async () => {
    const extension = nextExtension();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ringkey.api('POST', '/users', { extension, email: `u${n}@example.com` }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
    expect((await ringkey.api('GET', `/users/${extension}`)).status).toBe(200);
  });

  it.each([
    [{}, 'extension'],
    [{ extension: '47 11' }, 'extension'],
    [{ extension: '+4711' }, 'extension'],
    [{ extension: '４７１１' }, 'extension'],
    [{ extension: '1'.repeat(21) }, 'extension'],
    [{ extension: 4711 }, 'extension'],
    [{ extension: '4711', email: 'nobody' }, 'email'],
    [{ extension: '4711', phoneNumbers: ['555-0100'] }, 'phoneNumbers.0'],
    [{ extension: '4711', locale: 'xx' }, 'locale'],
    [{ extension: '4711', displayName: 'a\u0000b' }, 'displayName'],
    [{ extension: '4711', displayName: 'a\u202eb' }, 'displayName'],
    [{ extension: '4711', displayName: 'a'.repeat(10_000) }, 'displayName'],
    [{ extension: '4711', shoeSize: 46 }, '(body)'],
    [[], '(body)'],
  ])('refuses %j and names the field', async (body, field) => {
    const refused = await ringkey.api('POST', '/users', body);
    expect([refused.status, refused.body.code]).toEqual([400, 'invalid_request']);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(refused.body.errors).toEqual([{ field, problem: expect.any(String) }]);
  });

  it('refuses a policy that does not exist, and takes a preset', async () => {
    const unknown = await ringkey.api('POST', '/users', { extension: nextExtension(), policy: 'nope' });
    expect(unknown.body).toMatchObject({ status: 422, code: 'unknown_policy' });
    const id = await ringkey.addUser({ extension: nextExtension(), policy: 'lync' });
    expect((await ringkey.api('GET', `/users/${id}/pin`)).body.policy).toBe('lync');
  });
});

describe('POST /users/{identity}/pin/reset', () => {
  const reset = (id: string, body: unknown) => ringkey.api('POST', `/users/${id}/pin/reset`, body);

  it('shows a generated PIN once, to be changed at the next sign-in', async () => {
    const id = await ringkey.addUser({ extension: nextExtension() });
    const answer = await reset(id, { reveal: true });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      userId: id,
      pinSet: true,
      pinExpired: true,
      pin: expect.stringMatching(/^\d{6}$/),
    });
    expect((await ringkey.api('GET', `/users/${id}/pin`)).text).not.toContain(String(answer.body.pin));
  });

  it('takes a typed PIN and does not repeat it; pinExpired false asks for no change', async () => {
    const id = await ringkey.addUser({ extension: nextExtension() });
    const answer = await reset(id, { pin: '596183', pinExpired: false });
    expect(answer.body).toMatchObject({ pinSet: true, pinExpired: false });
    expect(answer.text).not.toContain('596183');
  });

  it('refuses a PIN that nobody would know', async () => {
    const id = await ringkey.addUser({ extension: nextExtension() });
    expect((await reset(id, {})).body).toMatchObject({ status: 422, code: 'pin_not_deliverable' });
    expect((await ringkey.api('GET', `/users/${id}/pin`)).body.pinSet).toBe(false);
  });

  it.each([
    ['12345', ['too_short']],
    ['1'.repeat(25), ['too_long']],
    ['12a456', ['not_digits']],
    ['５９６１８３', ['not_digits']],
    ['111111', expect.arrayContaining(['repeated_digit'])],
    ['123123', expect.arrayContaining(['repeated_group'])],
  ])('refuses the PIN %s with its codes and without repeating it', async (pin, codes) => {
    const id = await ringkey.addUser({ extension: nextExtension() });
    const refused = await reset(id, { pin });
    expect(refused.body).toMatchObject({ status: 422, code: 'pin_refused', codes });
    expect(refused.text).not.toContain(pin);
  });

  it('refuses the digits of the account itself', async () => {
    const id = await ringkey.addUser({
      extension: '385096',
      displayName: 'Joanna',
      phoneNumbers: ['+14155940273'],
    });
    expect((await reset(id, { pin: '385096' })).body.codes).toEqual(['contains_extension']);
    expect((await reset(id, { pin: '690583' })).body.codes).toEqual(['contains_extension']);
    expect((await reset(id, { pin: '940273' })).body.codes).toEqual(['ends_phone_number']);
    expect((await reset(id, { pin: '562662' })).body.codes).toEqual(['spells_name']);
  });

  it('clears a lock unless lockedOut is true, which keeps or sets one', async () => {
    const id = await ringkey.addUser({ extension: nextExtension() }, '596183');
    const lock = () => ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
    await lock();
    expect((await reset(id, { pin: '740296' })).body).toMatchObject({ lockedOut: false });
    expect((await reset(id, { pin: '740296', lockedOut: true })).body).toMatchObject({
      lockReason: 'administrator',
    });
    await lock();
    expect((await reset(id, { pin: '740296', lockedOut: true })).body).toMatchObject({ lockedOut: true });
    expect((await reset(id, { pin: '740296', lockedOut: false })).body).toMatchObject({ lockedOut: false });
  });

  it('refuses a body that is no JSON, of another type, too large, or with unknown fields, and repeats none of it', async () => {
    const id = await ringkey.addUser({ extension: nextExtension() });
    const canary = '904736';
    const cases = [
      [await reset(id, `{"pin": "${canary}"`), 400, 'malformed_json'],
      [
        await ringkey.api('POST', `/users/${id}/pin/reset`, `pin=${canary}`, {
          'content-type': 'text/plain',
        }),
        415,
        'unsupported_media_type',
      ],
      [await reset(id, { pin: canary.repeat(20_000) }), 413, 'body_too_large'],
      [await reset(id, { pin: canary, sendFax: false }), 400, 'invalid_request'],
      [await reset(id, { pin: Number(canary) }), 400, 'invalid_request'],
    ] as const;
    for (const [answer, status, code] of cases) {
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.text).not.toContain(canary);
    }
    expect((await ringkey.api('GET', `/users/${id}/pin`)).body.pinSet).toBe(false);
  });
});

describe('PATCH /users/{identity}/pin', () => {
  const patch = (id: string, body: unknown) => ringkey.api('PATCH', `/users/${id}/pin`, body);

  it('locks, unlocks and asks for a change without touching the PIN', async () => {
    const extension = nextExtension();
    const id = await ringkey.addUser({ extension }, '596183');
    const { lastChangedAt } = (await ringkey.api('GET', `/users/${id}/pin`)).body;
    expect((await patch(id, { lockedOut: true })).body).toMatchObject({
      lockedOut: true,
      lockReason: 'administrator',
    });
    expect((await patch(id, { lockedOut: false })).body).toMatchObject({ lockedOut: false });
    expect((await patch(id, { pinExpired: true })).body).toMatchObject({ pinExpired: true, lastChangedAt });
    expect((await patch(id, { pinExpired: false })).body).toMatchObject({ pinExpired: false, lastChangedAt });
    const call = await ringkey.dial();
    await call.press(`${extension}#596183#`);
    expect(call.heard()).toMatch(/signed in/);
  });

  it('refuses to change nothing, and to expire a PIN that is not there', async () => {
    const id = await ringkey.addUser({ extension: nextExtension() });
    expect((await patch(id, {})).body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((await patch(id, { pinExpired: true })).body).toMatchObject({ status: 422, code: 'pin_not_set' });
    expect((await patch('nobody', { lockedOut: true })).status).toBe(404);
  });

  it("locks for good: an administrator's lock opens by no time", async () => {
    const id = await ringkey.addUser({ extension: nextExtension(), policy: 'lync' }, '596183');
    await patch(id, { lockedOut: true });
    ringkey.clock.advance(1000 * 86_400_000);
    expect((await ringkey.api('GET', `/users/${id}/pin`)).body).toMatchObject({
      lockedOut: true,
      lockedUntil: null,
    });
  });
});

describe('addresses and tokens', () => {
  it('has problems for unknown addresses and methods', async () => {
    expect((await ringkey.api('GET', '/nothing')).body).toMatchObject({ status: 404, code: 'not_found' });
    const wrongMethod = await ringkey.api('DELETE', '/users');
    expect([wrongMethod.body.code, wrongMethod.headers.get('allow')]).toEqual([
      'method_not_allowed',
      'GET, POST',
    ]);
    const elsewhere = await fetch(`${ringkey.service.url}/nothing`);
    expect([elsewhere.status, elsewhere.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    expect(
      (
        await fetch(`${ringkey.service.url}/api/v1/users/%ff`, {
          headers: { authorization: `Bearer ${ringkey.secrets.adminToken}` },
        })
      ).status,
    ).toBe(400);
  });

  it('answers 401 without the right token, slows guessing down, and alerts', async () => {
    const service = await startTestService();
    try {
      const ask = (authorization: string) =>
        fetch(`${service.service.url}/api/v1/users/x`, { headers: { authorization } });
      const { adminToken } = service.secrets;
      for (const wrong of ['', 'Bearer', 'Bearer wrong', `Basic ${adminToken}`, `Bearer ${adminToken}x`]) {
        const answer = await ask(wrong);
        expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
          401,
          'Bearer realm="ringkey"',
        ]);
      }
      for (let tries = 0; tries < 5; tries += 1) await ask('Bearer wrong');
      expect((await ask('Bearer wrong')).status).toBe(429);
      expect((await ask(`Bearer ${adminToken}`)).status).toBe(404);
      expect(service.logged.filter((line) => line.includes('wrong-admin-tokens'))).toHaveLength(1);
    } finally {
      await service.stop();
    }
  });
});
