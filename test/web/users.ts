/**
 * An administrator at the browser: finds a user, resets the PIN, locks and unlocks, and unlocks many. Run on each engine.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, takeComplaints, useBrowser } from '../support/browser.ts';
import { fakeClock } from '../support/clock.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openAsAdministrator } from './administrator.ts';

export function describeUsers(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  describe(`the users' pages on ${engine}`, () => {
    const browser = useBrowser();
    let ringkey: TestService;
    beforeAll(async () => {
      // Browsers know what time it is.
      ringkey = await startTestService({ env: await env(), clock: fakeClock(Date.now()) });
      await ringkey.addUser(
        {
          extension: '4711',
          displayName: 'Ada Lovelace',
          email: 'ada@example.com',
          dn: 'CN=Ada,OU=Sales,DC=example',
        },
        '740296',
      );
      await ringkey.addUser({ extension: '4712', displayName: 'Grace Hopper' });
    });
    afterAll(() => ringkey.stop());
    afterEach(() => expect(takeComplaints()).toEqual([]));

    const open = (path: string, token?: string) => openAsAdministrator(browser, ringkey, path, token);
    const statusOf = async (extension: string) => (await ringkey.api('GET', `/users/${extension}/pin`)).body;

    it('finds a user by a part of the name', async () => {
      const page = await open('/admin/users');
      await page.getByText('2 users').waitFor();
      await page.getByLabel('Search').fill('lovel');
      await page.keyboard.press('Enter');
      await page.getByText('1 user', { exact: true }).waitFor();
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Ada Lovelace' }).click();
      await page.getByRole('heading', { name: 'Ada Lovelace', level: 1 }).waitFor();
      expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
      expect(await page.title()).toBe('Ada Lovelace · Ringkey');
      await page.getByText('User made').waitFor();
      await expectAccessible(page);
      await page.goBack();
      await page.getByText('1 user', { exact: true }).waitFor();
    });

    it('filters by status, and says when nobody fits', async () => {
      const page = await open('/admin/users');
      await page.getByRole('link', { name: 'No PIN' }).click();
      await page.getByRole('link', { name: 'Grace Hopper' }).waitFor();
      await page.getByText('1 user', { exact: true }).waitFor();
      await page.getByLabel('Organisational unit').fill('OU=Nobody,DC=example');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByText('Nobody fits.').waitFor();
      expect(page.url()).toContain('pinSet=false');
      await page.reload();
      await page.getByText('Nobody fits.').waitFor();
      await expectAccessible(page);
    });

    it('resets a PIN to a generated one, says what will happen, and shows it once', async () => {
      const page = await open('/admin/users/4711');
      await page.getByRole('button', { name: 'Reset PIN …' }).click();
      await page.getByLabel('Send the PIN by e-mail').uncheck();
      await page.getByLabel('Show me the PIN').check();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Continue' }).click();
      const plan = page.getByRole('dialog', { name: 'This will happen' });
      await plan.getByText('At the next sign-in by telephone, another PIN must be chosen.').waitFor();
      await plan.getByText('Nothing is mailed.').waitFor();
      const before = (await statusOf('4711')).lastChangedAt;
      ringkey.clock.advance(1000);
      await plan.getByRole('button', { name: 'Reset the PIN' }).click();
      const done = page.getByRole('dialog', { name: 'The PIN is reset' });
      const pin = await done.getByTestId('pin').textContent();
      expect(pin).toMatch(/^\d{6}$/);
      await expectAccessible(page);
      await done.getByRole('button', { name: 'Hide it' }).click();
      await done.getByText('The PIN is hidden. It can not be shown again.').waitFor();
      expect(await page.content()).not.toContain(pin);
      await done.getByRole('button', { name: 'Close' }).click();
      await page.getByText('Due at the next sign-in').waitFor();
      const after = await statusOf('4711');
      expect(after).toMatchObject({ pinSet: true, pinExpired: true });
      expect(after.lastChangedAt).not.toBe(before);
    });

    it('explains each rule that a typed PIN breaks, and takes one that breaks none', async () => {
      const page = await open('/admin/users/4711');
      await page.getByRole('button', { name: 'Reset PIN …' }).click();
      await page.getByLabel('Type a PIN').check();
      await page.getByLabel('New PIN').fill('1234');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('has fewer digits than the policy asks for.').waitFor();
      await page.getByLabel('New PIN').fill('123321');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('is a walk over the keypad, such as 2580.').waitFor();
      await page.getByText('reads the same backwards.').waitFor();
      await expectAccessible(page);
      await page.getByLabel('New PIN').fill('830572');
      await page.getByLabel('Require a change at the next sign-in').uncheck();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('It can be used as it is: no change is asked for.').waitFor();
      await page.getByText('The PIN is mailed to ada@example.com.').waitFor();
      await page.getByRole('button', { name: 'Reset the PIN' }).click();
      await page.getByText('It is on its way to ada@example.com.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('Not due').waitFor();
      expect(await statusOf('4711')).toMatchObject({ pinExpired: false });
    });

    it('does not let a PIN be generated that nobody would know', async () => {
      const made = await ringkey.api('POST', '/tokens', { name: 'desk', role: 'helpdesk' });
      const page = await open('/admin/users/4712', String(made.body.token));
      await page.getByRole('button', { name: 'Reset PIN …' }).click();
      await page.getByText('The user has no e-mail address').waitFor();
      await page.getByText('Nobody would know this PIN: type one.').waitFor();
      expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
      await page.getByLabel('Type a PIN').check();
      await page.getByLabel('New PIN').fill('830572');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Only you can tell the user the PIN.').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
    });

    it('locks, and unlocks', async () => {
      const page = await open('/admin/users/4711');
      await page.getByRole('button', { name: 'Lock', exact: true }).click();
      await page.getByText('Locked by an administrator, until an administrator unlocks it').waitFor();
      await page.getByText('Account locked').waitFor();
      expect(await statusOf('4711')).toMatchObject({ lockedOut: true });
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Unlock' }).click();
      await page.getByText('Not locked', { exact: true }).waitFor();
      expect(await statusOf('4711')).toMatchObject({ lockedOut: false });
    });

    it('makes a user, and says which field does not fit', async () => {
      const page = await open('/admin/users/new');
      await page.getByLabel('Extension').fill('47 12');
      await page.getByLabel('E-mail').fill('new@example.com');
      await page.getByRole('button', { name: 'Make the user' }).click();
      await page.getByText('must be 1 to 20 digits, 0 to 9, without spaces').first().waitFor();
      await page.getByLabel('Extension').fill('4712');
      await page.getByRole('button', { name: 'Make the user' }).click();
      await page.getByText('Another user has this already.').waitFor();
      await expectAccessible(page);
      await page.getByLabel('Extension').fill('4713');
      await page.getByRole('button', { name: 'Make the user' }).click();
      await page.getByRole('heading', { name: 'Extension 4713' }).waitFor();
      await page.getByRole('link', { name: 'Edit' }).click();
      await page.getByLabel('Display name').fill('Alan Turing');
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'Alan Turing' }).waitFor();
      await page.getByRole('button', { name: 'Remove …' }).click();
      await page.getByRole('button', { name: 'Remove', exact: true }).waitFor();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Remove', exact: true }).click();
      await page.getByRole('heading', { name: 'Users' }).waitFor();
      expect((await ringkey.api('GET', '/users/4713')).status).toBe(404);
    });

    it('shows hostile names and addresses as text', async () => {
      const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> \u200fسلام`;
      await ringkey
        .addUser({ extension: '666', displayName: hostile, email: `"<i>'x"@example.com` })
        .catch(() => ringkey.addUser({ extension: '666', displayName: hostile }));
      const page = await open('/admin/users?q=666');
      await page.getByRole('link', { name: hostile }).click();
      await page.getByRole('heading', { name: hostile }).waitFor();
      expect(await page.locator('main script, main img').count()).toBe(0);
      await page.getByRole('button', { name: 'Reset PIN …' }).click();
      await page.getByRole('dialog').getByText(hostile).waitFor();
      const long = await ringkey.api('POST', '/users', { extension: '667', displayName: 'x'.repeat(10_000) });
      expect(long.status).toBe(400);
    });

    it('shows a viewer no button that would be refused', async () => {
      const made = await ringkey.api('POST', '/tokens', { name: 'looks', role: 'viewer' });
      const page = await open('/admin/users/4711', String(made.body.token));
      await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor();
      await page.getByText('Not locked', { exact: true }).waitFor();
      expect(await page.locator('main button').allTextContents()).toEqual([]);
      await page.goto(`${ringkey.service.url}/admin/bulk`);
      await page.getByText('There is no such page, or your role may not see it.').waitFor();
    });

    it('asks to sign in again when the session has ended, and goes on where it was', async () => {
      const page = await open('/admin/users/4711');
      await page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
      ringkey.clock.advance(31 * 60_000);
      await page.getByRole('button', { name: 'Lock', exact: true }).click();
      await page.getByText('Your session has ended. Sign in again to go on where you were.').waitFor();
      await page.getByLabel('Token').fill(ringkey.secrets.adminToken);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor();
      expect(await statusOf('4711')).toMatchObject({ lockedOut: false });
    });

    describe('many', () => {
      beforeAll(async () => {
        for (let from = 20_000; from < 20_500; from += 50) {
          await Promise.all(Array.from({ length: 50 }, (_, at) => addLocked(String(from + at))));
        }
      });

      async function addLocked(extension: string): Promise<void> {
        await ringkey.addUser({ extension, dn: `CN=${extension},OU=Many,DC=example` });
        await ringkey.api('PATCH', `/users/${extension}/pin`, { lockedOut: true });
      }

      const countLocked = async () =>
        ((await ringkey.api('GET', '/users?lockedOut=true&limit=1000')).body.users as unknown[]).length;

      it('are unlocked with progress, over a reload in the middle', async () => {
        const page = await open('/admin/users');
        await page.getByRole('link', { name: 'Locked', exact: true }).click();
        await page.getByText('The first 50').waitFor();
        await page.getByRole('link', { name: 'Change all that fit' }).click();
        await page.getByLabel('Unlock', { exact: true }).check();
        await expectAccessible(page);
        await page.getByRole('button', { name: 'Count them' }).click();
        const dialog = page.getByRole('dialog', { name: 'Unlock 500 users?' });
        await expectAccessible(page);
        await dialog.getByRole('button', { name: 'Unlock 500 users' }).click();
        // From within, so that it comes in the middle however fast or slow the two are.
        await page.evaluate(`{
          const reloadInTheMiddle = () => {
            const value = document.querySelector('progress')?.value ?? 0;
            if (value > 20 && value < 480) location.reload();
          };
          new MutationObserver(reloadInTheMiddle).observe(document.body, { subtree: true, childList: true, attributes: true });
        }`);
        await page.waitForEvent('load');
        await page.getByText('500 unlocked, 0 failed.').waitFor();
        await expectAccessible(page);
        expect(await countLocked()).toBe(0);
        await page.getByRole('button', { name: 'Close' }).click();
        await page.getByRole('heading', { name: 'Users' }).waitFor();
      });

      it('are left alone when by then another number fits', async () => {
        const page = await open('/admin/bulk?ou=OU%3DMany%2CDC%3Dexample&lockedOut=false');
        await page.getByLabel('Lock', { exact: true }).check();
        await page.getByRole('button', { name: 'Count them' }).click();
        await page.getByRole('button', { name: 'Lock 500 users' }).waitFor();
        await ringkey.addUser({ extension: '29999', dn: 'CN=29999,OU=Many,DC=example' });
        await page.getByRole('button', { name: 'Lock 500 users' }).click();
        await page.getByText('By now 501 users fit. Nobody was changed').waitFor();
        expect(await countLocked()).toBe(0);
      });

      it('are chosen one by one, and their PINs are a table to download that holds no formula', async () => {
        const page = await open('/admin/users?ou=OU%3DMany%2CDC%3Dexample');
        await page.getByLabel('Select Extension 2', { exact: false }).nth(0).check();
        await page.getByLabel('Select Extension 2', { exact: false }).nth(1).check();
        await page.getByRole('button', { name: 'Change the selected (2)' }).click();
        await page.getByLabel('Reset to generated PINs').check();
        await page.getByLabel('Send each by e-mail').uncheck();
        await page.getByLabel('Show them to me').check();
        await page.getByRole('button', { name: 'Count them' }).click();
        await page.getByRole('button', { name: 'Reset the PINs of 2 users' }).click();
        await page.getByText('2 reset, 0 failed.').waitFor();
        const downloading = page.waitForEvent('download');
        await page.getByRole('button', { name: 'Download 2 PINs (CSV)' }).click();
        const stream = await (await downloading).createReadStream();
        let text = '';
        for await (const chunk of stream) text += chunk;
        expect(text).toMatch(/^"extension","pin"\r\n("2\d{4}","\d{6}"\r\n){2}$/);
        const kept = await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })');
        for (const [, pin = ''] of text.matchAll(/"(\d{6})"/g)) expect(kept).not.toContain(pin);
      });
    });
  });
}
