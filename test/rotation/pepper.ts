/**
 * The pepper is rotated while calls go on: on one machine between two calls, on several one after the other. Run on each engine.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createPeppers } from '../../src/security/peppers.ts';
import { PepperMismatchError } from '../../src/services/pepper-check.ts';
import { fakeClock } from '../support/clock.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { patience } from '../support/wait-until.ts';
import { type Env, type Fleet, fleetOf } from './fleet.ts';

const oldPepper = Buffer.alloc(32, 21);
const newPepper = Buffer.alloc(32, 22);
const idOf = (pepper: Buffer) => createPeppers([pepper]).current.id;
const oldId = idOf(oldPepper);
const newId = idOf(newPepper);

/** The settings of each step of a rotation. */
const steps = {
  before: { PIN_PEPPER: oldPepper.toString('base64') },
  announced: {
    PIN_PEPPER: oldPepper.toString('base64'),
    PIN_PEPPER_PREVIOUS: newPepper.toString('base64'),
  },
  changed: { PIN_PEPPER: newPepper.toString('base64'), PIN_PEPPER_PREVIOUS: oldPepper.toString('base64') },
  after: { PIN_PEPPER: newPepper.toString('base64') },
};

const token = () => 'a-token-of-the-provider-0123456789';
const pin = '596183';
const hour = 3_600_000;

interface Drilled {
  readonly engine: string;
  readonly machines: number;
  /** The settings of an engine that is empty. */
  readonly settings: () => Promise<Env>;
}

export function describePepperRotation({ engine, machines, settings }: Drilled): void {
  async function start(more: Env = {}, policy: Parameters<typeof fleetOf>[0]['policy'] = {}) {
    const clock = fakeClock();
    const env = {
      ...(await settings()),
      TWILIO_AUTH_TOKEN: token(),
      ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
      CALLER_FAILURES_PER_HOUR: '3',
      ...more,
    };
    const fleet = fleetOf({ env, clock, machines, policy });
    await fleet.rollOut(steps.before);
    return { fleet, clock };
  }

  /** Up to the step where both peppers are known and the new one is used. One machine alone needs no announcement. */
  async function rotate(fleet: Fleet): Promise<void> {
    if (machines > 1) await fleet.rollOut(steps.announced);
    await fleet.rollOut(steps.changed);
  }

  /** The figure of what is left of a pepper, as any machine tells it after a new count. */
  async function count(fleet: Fleet, pepper: string, role: string, kind = 'pins'): Promise<number> {
    const ringkey = fleet.next();
    ringkey.clock.advance(hour);
    await ringkey.service.countPeppers();
    return fleet.next().figure(`ringkey_pepper_use{pepper="${pepper}",role="${role}",kind="${kind}"}`);
  }

  /** What each running machine tells of a pepper, after a new count. */
  async function rolesOf(fleet: Fleet, pepper: string): Promise<readonly (string | undefined)[]> {
    const { clock, service } = fleet.next();
    clock.advance(hour);
    await service.countPeppers();
    return Promise.all(
      fleet.running().map(async ({ service: { url } }) => {
        const figures = await (await fetch(`${url}/metrics`)).text();
        return new RegExp(`ringkey_pepper_use{pepper="${pepper}",role="(\\w+)",kind="pins"}`).exec(
          figures,
        )?.[1];
      }),
    );
  }

  describe(`rotating the pepper on ${engine}`, { timeout: 60_000 }, () => {
    it('goes on with every call, hashes again whoever signs in, and counts who is left', async () => {
      const { fleet } = await start();
      const extensions = ['4201', '4202', '4203'];
      for (const extension of [...extensions, '4299']) await fleet.next().addUser({ extension }, pin);
      const traffic = fleet.keepCalling(token, '4201', pin);
      const signIn = async () => {
        for (const extension of extensions) {
          expect(await fleet.call(token).start(extension, pin)).toMatch(/signed in/);
        }
      };
      /** Calls that are under way at every restart of it. */
      async function walk(env: Env): Promise<void> {
        const dialling = fleet.call(token);
        await dialling.start('4202');
        await fleet.rollOut(env, signIn);
        expect(await dialling.key(pin)).toMatch(/signed in/);
      }
      if (machines > 1) await walk(steps.announced);
      await walk(steps.changed);
      const heard = await traffic.end();
      expect(heard.length).toBeGreaterThan(0);
      expect(heard.filter((last) => !/signed in/.test(last))).toEqual([]);

      expect(await count(fleet, oldId, 'previous')).toBe(1);
      expect(await count(fleet, newId, 'current')).toBe(3);
      const left = await fleet.next().api('GET', `/users?pinPepper=${oldId}`);
      expect(left.body.users).toMatchObject([{ extension: '4299' }]);

      // Too early: nothing is started that would take a right PIN for a wrong one.
      const early = fleet.restart(0, steps.after);
      await expect(early).rejects.toThrow(PepperMismatchError);
      await expect(early).rejects.toThrow(`lacks key ${oldId}, which is still needed by PINs: 1, and`);
      await fleet.restart(0, steps.changed);

      const { api } = fleet.next();
      const body = { filter: { pinPepper: oldId }, expectedCount: 1, reveal: true, sendEmail: false };
      const reset = await api('POST', '/pins/reset', body);
      expect(reset.body.lines).toMatchObject([{ extension: '4299' }, { summary: { done: 1 } }]);
      expect(await count(fleet, oldId, 'previous')).toBe(0);
      await fleet.rollOut(steps.after, signIn);
      expect((await fetch(`${fleet.next().service.url}/readyz`)).status).toBe(200);
    });

    it('tells a pepper that is to come from one that was used before', async () => {
      const { fleet } = await start();
      await fleet.next().addUser({ extension: '4101' }, pin);
      const all = (role: string) => fleet.running().map(() => role);
      await fleet.rollOut(steps.announced);
      expect(await rolesOf(fleet, newId)).toEqual(all('next'));
      expect(await rolesOf(fleet, oldId)).toEqual(all('current'));
      // Those that are left behind still know it as the next one.
      await fleet.restart(0, steps.changed);
      await fleet.running()[0]?.addUser({ extension: '4103' }, pin);
      expect(await rolesOf(fleet, newId)).toEqual(['current', ...all('next').slice(1)]);
      await fleet.rollOut(steps.changed);
      expect(await rolesOf(fleet, newId)).toEqual(all('current'));
      expect(await rolesOf(fleet, oldId)).toEqual(all('previous'));
    });

    it('knows a pepper that was dropped, and is named again, for an old one while something was hashed with it', async () => {
      const { fleet } = await start();
      const id = await fleet.next().addUser({ extension: '4102' }, pin);
      await rotate(fleet);
      await fleet.next().api('POST', `/users/${id}/pin/reset`, { pin: '740296', sendEmail: false });
      await fleet.rollOut(steps.after);
      await fleet.rollOut(steps.changed);
      expect(await count(fleet, oldId, 'previous', 'earlier-pins')).toBe(1);
    });

    if (machines > 1) {
      it('says which machine is not ready, where the new pepper was not announced', async () => {
        const { fleet } = await start();
        await fleet.restart(0, steps.changed);
        const answers = await Promise.all(
          fleet.running().map(async ({ service }) => (await fetch(`${service.url}/readyz`)).json()),
        );
        expect(answers).toEqual([
          { status: 'ready' },
          { status: 'not ready', reason: expect.stringContaining(`used with key ${newId}, not ${oldId}`) },
        ]);
      });
    }

    if (machines > 1) {
      it('leaves a mail to a machine that can unseal it, where the new pepper was not announced', async () => {
        const server = await startSmtpServer();
        onTestFinished(() => server.stop());
        server.trouble = { greeting: { reply: 421 } };
        const { fleet } = await start({ SMTP_URL: server.url, MAIL_FROM: 'Ringkey <pin@example.com>' });
        await fleet.restart(0, steps.changed);
        const [changed, leftOut] = fleet.running();
        await changed?.api('POST', '/users', { extension: '4711', email: 'ada@example.com' });
        await changed?.api('POST', '/users/4711/pin/reset', {});
        await vi.waitFor(
          async () => expect(await changed?.figure('ringkey_mails_total{outcome="failed"}')).toBe(1),
          patience,
        );
        server.trouble = {};
        changed?.clock.advance(hour);
        await leftOut?.service.runMailRound();
        changed?.clock.advance(hour);
        await changed?.service.runMailRound();
        expect(server.mails.map(({ to }) => to)).toContainEqual(['ada@example.com']);
        const { body } = (await changed?.api('GET', '/users/4711/pin')) ?? {};
        expect(body).toMatchObject({ mailsWaiting: 0, mailGivenUpAt: null });
      });
    }

    it('keeps failures of extensions that nobody has, and those of a caller', async () => {
      const { fleet } = await start({ CALLER_FAILURES_PER_HOUR: '12' });
      for (let tried = 0; tried < 3; tried += 1) {
        await fleet.call(token, `+1555131000${tried}`).start('4999', '111111', '111111', '111111');
      }
      const spent = '+15551320000';
      for (const extension of ['4888', '4887', '4886', '4885']) {
        await fleet.call(token, spent).start(extension, '111111', '111111', '111111');
      }
      const tooMany = await fleet.call(token, spent).start('4884', '111111');
      expect(tooMany).toMatch(/call (again )?later|Too many/i);

      await rotate(fleet);
      await fleet.rollOut(steps.after);
      expect(await fleet.call(token, '+15551310009').start('4999', '111111')).toMatch(/locked/);
      expect(await fleet.call(token, spent).start('4884', '111111')).toBe(tooMany);
    });

    it('compares a new PIN with the old one in a call that began before', async () => {
      const { fleet } = await start({}, { minDigitsChanged: 3 });
      const user = { extension: '4301' };
      await fleet.next().addUser(user, pin, { pinExpired: true });
      const changing = fleet.call(token);
      expect(await changing.start('4301', pin)).toMatch(/new PIN/);
      await rotate(fleet);
      expect(await changing.key('596149')).toMatch(/too much like/);
      expect(await changing.key('740296', '740296')).toMatch(/changed/);
    });

    it('sends mail that was sealed before, and keeps the old pepper for as long as some waits', async () => {
      const server = await startSmtpServer();
      server.trouble = { greeting: { reply: 421 } };
      const { fleet, clock } = await start({ SMTP_URL: server.url, MAIL_FROM: 'pin@example.com' });
      const id = await fleet.next().addUser({ extension: '4401', email: 'ada@example.com' });
      await fleet.next().api('POST', `/users/${id}/pin/reset`, {});
      await rotate(fleet);
      // The PIN alone is made anew; the mail that told the first one still waits.
      await fleet.next().api('POST', `/users/${id}/pin/reset`, { pin, pinExpired: false, sendEmail: false });
      expect(await count(fleet, oldId, 'previous')).toBe(0);
      expect(await count(fleet, oldId, 'previous', 'mails')).toBe(1);
      await expect(fleet.restart(0, steps.after)).rejects.toThrow('PINs: 0, and by mails that wait: 1');
      await fleet.restart(0, steps.changed);
      expect(server.mails).toEqual([]);
      server.trouble = {};
      const isSent = async () => {
        clock.advance(hour);
        await fleet.next().service.runMailRound();
        expect((await fleet.next().api('GET', `/users/${id}/pin`)).body).toMatchObject({ mailsWaiting: 0 });
      };
      await vi.waitFor(isSent, { timeout: 10_000, interval: 500 });
      // The clock jumps over leases, so that it may come twice.
      expect(new Set(server.mails.map(({ parsed }) => parsed.subject))).toEqual(
        new Set(['Your PIN for signing in by phone']),
      );
      await fleet.rollOut(steps.after);
    });

    it('takes a wrong PIN where the pepper is missing after all, and tells the operator', async () => {
      const { fleet } = await start();
      await fleet.next().addUser({ extension: '4501' }, pin);
      await rotate(fleet);
      await fleet.rollOut({ ...steps.after, PIN_PEPPER_LOST: oldId });
      expect(await count(fleet, oldId, 'unknown')).toBe(1);
      expect(await fleet.call(token).start('4501', pin)).toMatch(/do not match/);
      const told = fleet
        .running()
        .flatMap(({ logged }) => logged.filter((line) => line.includes('"pepper-missing"')));
      expect(told).toEqual([
        expect.stringMatching(new RegExp(`"pepperId":"${oldId}".*PIN_PEPPER_PREVIOUS lacks`)),
      ]);
      const missing = await Promise.all(
        fleet.running().map(({ figure }) => figure('ringkey_pepper_missing_total')),
      );
      expect(missing.reduce((sum, one) => sum + one, 0)).toBe(1);
    });
  });
}
