/** An administrator at the browser, for tests of the pages. */
import type { Page } from 'playwright-core';
import type { TestBrowser } from '../support/browser.ts';
import type { TestService } from '../support/service.ts';

/** Opens a page under /admin and signs in there; with the first administrator's token unless another is given. */
export async function openAsAdministrator(
  browser: TestBrowser,
  ringkey: TestService,
  path: string,
  token = ringkey.secrets.adminToken,
): Promise<Page> {
  const page = await browser.open(`${ringkey.service.url}${path}`);
  await page.getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return page;
}
