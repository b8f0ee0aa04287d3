/**
 * Signing in to the administrators' pages, in a real browser.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectAccessible, takeComplaints, useBrowser } from '../support/browser.ts';
import { startTestService, type TestService } from '../support/service.ts';

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
