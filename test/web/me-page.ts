/**
 * A user who forgot the PIN, at the browser: from the request through the mail to a sign-in by telephone. Run on each engine.
 */
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, takeComplaints, useBrowser } from '../support/browser.ts';
import { fakeClock } from '../support/clock.ts';
import { type TestService, withTestService } from '../support/service.ts';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp-server.ts';
import { patience } from '../support/wait-until.ts';

const ada = { extension: '4711', displayName: 'Ada Lovelace', email: 'ada@example.com' };
const sent = 'If there is such an account with an e-mail address, a link is on its way.';

/** The link of the last mail that has one. */
function linkIn(server: TestSmtpServer): string {
  const texts = server.mails.map(({ parsed }) => parsed.text ?? '');
  const links = texts.flatMap((text) => text.match(/^https?:\/\/\S+\/me#\S+$/gm) ?? []);
  return links.at(-1) ?? 'no link';
}

export function describeMePage(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  describe(`a user's own page on ${engine}`, () => {
    const browser = useBrowser();
    afterEach(() => expect(takeComplaints()).toEqual([]));

    async function withMail(use: (ringkey: TestService, server: TestSmtpServer) => Promise<void>) {
      const server = await startSmtpServer();
      const mail = {
        SMTP_URL: server.url,
        MAIL_FROM: 'Ringkey <pin@example.com>',
        ACCESS_NUMBER: '+1 555 010 0000',
        HELP_CONTACT: 'extension 4444',
      };
      // Browsers know what time it is.
      const options = { env: { ...(await env()), ...mail }, clock: fakeClock(Date.now()) };
      await withTestService(options, (ringkey) => use(ringkey, server));
    }

    const linksIn = (server: TestSmtpServer, count: number) =>
      vi.waitFor(
        () => {
          const subjects = server.mails.map(({ parsed }) => parsed.subject);
          expect(subjects.filter((subject) => subject?.startsWith('Choose a new PIN'))).toHaveLength(count);
        },
        { timeout: 10_000 },
      );

    async function ask(page: Page, identity: string): Promise<void> {
      await page.getByLabel('E-mail address or extension').fill(identity);
      await page.keyboard.press('Enter');
      await page.getByText(sent).waitFor();
    }

    /** As from a mail client: a click that comes from another site, into a new tab of the same browser. */
    async function clickInMail(page: Page, url: string): Promise<Page> {
      const mail = await page.context().newPage();
      mail.setDefaultTimeout(10_000);
      await mail.route('http://mail.example/', (route) =>
        route.fulfill({ contentType: 'text/html', body: `<a href="${url}">Choose a new PIN</a>` }),
      );
      await mail.goto('http://mail.example/');
      await mail.getByRole('link').click();
      return mail;
    }

    it('leads from a forgotten PIN through a mail to a sign-in by telephone', () =>
      withMail(async (ringkey, server) => {
        await ringkey.addUser(ada, '740296', { sendEmail: false });
        const asking = await browser.open(`${ringkey.service.url}/me`);
        await asking.getByLabel('E-mail address or extension').waitFor();
        // Whoever comes by another name of the host is moved to the one that links lead to.
        expect(asking.url()).toBe(`${ringkey.service.publicUrl.origin}/me`);
        await expectAccessible(asking);
        await ask(asking, 'Ada@Example.com');
        await expectAccessible(asking);
        await linksIn(server, 1);

        const page = await clickInMail(asking, linkIn(server));
        await page.getByRole('heading', { name: /Hello .*Ada Lovelace/ }).waitFor();
        expect(page.url()).toBe(`${ringkey.service.publicUrl.origin}/me`);
        await page.getByText('has at least 6 digits').waitFor();
        await expectAccessible(page);

        await page.reload();
        await page.getByLabel('New PIN', { exact: true }).fill('123456');
        await page.getByText('counts up or down.').waitFor();
        await expectAccessible(page);
        await page.getByLabel('New PIN', { exact: true }).fill('740296');
        await page.getByText('This PIN can be used.').waitFor();
        await page.getByLabel('New PIN again').fill('740296');
        await page.keyboard.press('Enter');
        await page.getByText('This PIN was yours before.').waitFor();

        await page.getByLabel('New PIN', { exact: true }).fill('596183');
        // What is said while somebody types moves no button away under a finger.
        const button = page.getByRole('button', { name: 'Set this PIN' });
        const place = await button.boundingBox();
        await page.getByText('This PIN can be used.').waitFor();
        expect(await button.boundingBox()).toEqual(place);
        await page.getByLabel('New PIN again').fill('596184');
        await button.click();
        await page.getByText('You typed two different PINs.').waitFor();
        await page.getByLabel('New PIN again').fill('596183');
        await page.getByRole('button', { name: 'Set this PIN' }).click();
        await page.getByRole('heading', { name: 'Your new PIN is set' }).waitFor();
        await page.getByText('To sign in, call +1 555 010 0000.').waitFor();
        await expectAccessible(page);

        const call = await ringkey.dial();
        await call.press('4711#596183#');
        expect(call.heard()).toMatch(/You are signed in/);
        await vi.waitFor(
          () =>
            expect(server.mails.map(({ parsed }) => parsed.subject)).toContain(
              'Your phone PIN has been changed',
            ),
          { timeout: 10_000 },
        );

        const again = await clickInMail(asking, linkIn(server));
        await again.getByText('This link was used before').waitFor();
        await expectAccessible(again);
        await again.getByRole('button', { name: 'Ask for another link' }).click();
        await again.getByLabel('E-mail address or extension').waitFor();
      }));

    it('makes up a PIN and shows it once', () =>
      withMail(async (ringkey, server) => {
        await ringkey.addUser(ada, '740296', { sendEmail: false });
        const asking = await browser.open(`${ringkey.service.url}/me`);
        await ask(asking, '4711');
        await linksIn(server, 1);
        const page = await clickInMail(asking, linkIn(server));
        await page.getByRole('button', { name: 'Make up a PIN for me' }).click();
        const pin = await page.getByTestId('pin').innerText();
        expect(pin).toMatch(/^\d{6}$/);
        await expectAccessible(page);
        await page.getByRole('button', { name: 'Hide it' }).click();
        await page.getByText('The PIN is hidden.').waitFor();
        expect(await page.content()).not.toContain(pin);
        const call = await ringkey.dial();
        await call.press(`4711#${pin}#`);
        expect(call.heard()).toMatch(/You are signed in/);
      }));

    it('opens in no other browser, and says so; the link stays good where it was asked for', () =>
      withMail(async (ringkey, server) => {
        await ringkey.addUser({ ...ada, locale: 'de-DE' }, '740296', { sendEmail: false });
        const asking = await browser.open(`${ringkey.service.url}/me`);
        await ask(asking, '4711');
        const link = await vi.waitFor(() => {
          const found = linkIn(server);
          expect(found).not.toBe('no link');
          return found;
        }, patience);
        const other = await browser.open(link, { locale: 'fr-FR' });
        await other.getByText('Ce lien a été demandé dans un autre navigateur').waitFor();
        expect(await other.evaluate('document.documentElement.lang')).toBe('fr');
        await expectAccessible(other);

        // Pasted into the address of the page that asked, in the language of the account.
        await asking.goto(link);
        await asking.getByRole('heading', { name: /Guten Tag, .*Ada Lovelace/ }).waitFor();
        expect(await asking.evaluate('document.documentElement.lang')).toBe('de');
        expect(asking.url()).not.toContain('#');
      }));

    it('shows a hostile name and address as text', () =>
      withMail(async (ringkey, server) => {
        const displayName = '<img src=x onerror=alert(1)>"\'';
        await ringkey.addUser({ ...ada, displayName }, '740296', { sendEmail: false });
        const asking = await browser.open(`${ringkey.service.url}/me`, {
          viewport: { width: 360, height: 740 },
        });
        await ask(asking, '"><script>alert(1)</script>');
        await ask(asking, '\u202e4711');
        await ask(asking, '4711');
        await linksIn(server, 1);
        const page = await clickInMail(asking, linkIn(server));
        await page.getByRole('heading', { name: displayName }).waitFor();
        expect(await page.locator('img').count()).toBe(0);
        const isWider = 'document.documentElement.scrollWidth > innerWidth';
        expect(await page.evaluate(isWider)).toBe(false);
        expect(await asking.evaluate(isWider)).toBe(false);
      }));
  });
}
