/**
 * Signing in to the administrators' pages, in a real browser.
 */
import type { Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectAccessible, takeComplaints, useBrowser } from '../support/browser.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openAsAdministrator } from './administrator.ts';

const browser = useBrowser();
let ringkey: TestService;
beforeAll(async () => {
  ringkey = await startTestService();
});
afterAll(() => ringkey.stop());
afterEach(() => expect(takeComplaints()).toEqual([]));

test('a wrong token is refused in words, the right one opens the pages, and signing out closes them', async () => {
  const page = await browser.open(`${ringkey.service.url}/admin`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expectAccessible(page);
  await page.getByLabel('Token').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('This token is unknown, revoked or expired.').waitFor();
  await page.getByLabel('Token').fill(ringkey.secrets.adminToken);
  await page.keyboard.press('Enter');
  await page.getByText('ADMIN_TOKEN').waitFor();
  await expectAccessible(page);

  await page.reload();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('the focus is on a page’s heading as soon as it is there, so that a field reached by hand keeps it', async () => {
  const page = await openAsAdministrator(browser, ringkey, '/admin/overview');
  const signedOut = focusWhenHeaded(page, 'Sign in');
  await page.getByRole('button', { name: 'Sign out' }).click();
  expect(await signedOut).toBe('<h1');
});

test('an answer to the session before ends no session of now', async () => {
  await ringkey.addUser({ extension: '4711', displayName: 'Ada Lovelace' });
  const page = await openAsAdministrator(browser, ringkey, '/admin/users/4711');
  let goOn = () => {};
  const later = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route('**/api/v1/users/*/pin', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    const response = await route.fetch();
    await later;
    await route.fulfill({ response });
  });
  const lock = page.getByRole('button', { name: 'Lock', exact: true });
  await lock.waitFor();
  const isLock = (response: Response) => response.request().method() === 'PATCH';
  const locked = page.waitForResponse(isLock, { timeout: 0 });
  ringkey.clock.advance(31 * 60_000);
  await lock.click();
  await page.getByRole('link', { name: 'Users' }).first().click();
  await page.getByText('Your session has ended. Sign in again to go on where you were.').waitFor();
  await page.getByLabel('Token').fill(ringkey.secrets.adminToken);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  goOn();
  expect((await locked).status()).toBe(401);
  // The page has read that answer when it has one to a request that it made later.
  await page.evaluate("fetch('/healthz').then((response) => response.text())");
  expect(await page.getByLabel('Token').count()).toBe(0);
});

/** What has the focus at the moment at which a heading is there, before anything else can happen on the page. */
function focusWhenHeaded(page: Page, heading: string): Promise<unknown> {
  return page.evaluate(`new Promise((resolve) => {
    new MutationObserver(() => {
      if (document.querySelector('h1')?.textContent === ${JSON.stringify(heading)}) resolve(document.activeElement.outerHTML.slice(0, 3));
    }).observe(document.body, { subtree: true, childList: true });
  })`);
}
