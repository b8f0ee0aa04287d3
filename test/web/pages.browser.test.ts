/**
 * The pages of the administrators besides the users', in a real browser: overview, policies, audit, tokens.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectAccessible, takeComplaints, useBrowser } from '../support/browser.ts';
import { fakeClock } from '../support/clock.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openAsAdministrator } from './administrator.ts';

const browser = useBrowser();
let ringkey: TestService;
beforeAll(async () => {
  // Browsers know what time it is.
  ringkey = await startTestService({ clock: fakeClock(Date.now()) });
  await ringkey.addUser({ extension: '4711', displayName: 'Ada Lovelace' }, '740296');
  await ringkey.addUser({ extension: '4712', displayName: 'Grace Hopper' }, '83057246');
});
afterAll(() => ringkey.stop());
afterEach(() => expect(takeComplaints()).toEqual([]));

const open = (path: string, token?: string) => openAsAdministrator(browser, ringkey, path, token);

test('the overview shows figures, plots with their table, and who is locked', async () => {
  const call = await ringkey.dial();
  await call.press('4711#');
  await call.press('740296#');
  await call.hangUp();
  await ringkey.api('PATCH', '/users/4712/pin', { lockedOut: true });
  const page = await open('/admin');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('link', { name: 'Grace Hopper' }).waitFor();
  expect(await page.getByText('Sign-ins', { exact: true }).first().locator('..').innerText()).toBe(
    'Sign-ins\n1',
  );
  expect(await page.locator('canvas').count()).toBe(2);
  await page.getByText('The figures as a table').first().click();
  await page.getByRole('columnheader', { name: 'Failed tries' }).waitFor();
  await expectAccessible(page);
  await ringkey.api('PATCH', '/users/4712/pin', { lockedOut: false });
});

test('a change of a policy says whom it would affect, and only then is stored', async () => {
  const page = await open('/admin/policies');
  await page.getByRole('columnheader', { name: 'exchange-um' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'default', exact: true }).click();
  await page.getByLabel('Least digits').fill('8');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'What will change?' }).click();
  const plan = page.getByRole('dialog', { name: 'This will change' });
  await plan.getByText('It holds for 2 users.').waitFor();
  await plan.getByText('1 user will have to change the PIN').waitFor();
  await expectAccessible(page);
  expect((await ringkey.api('GET', '/policies/default')).body).toMatchObject({ minLength: 6 });
  await plan.getByRole('button', { name: 'Store the policy' }).click();
  await page.getByRole('heading', { name: 'Policies' }).waitFor();
  expect((await ringkey.api('GET', '/policies/default')).body).toMatchObject({ minLength: 8 });
  expect((await ringkey.api('GET', '/users/4711/pin')).body).toMatchObject({ pinExpired: true });
});

test('settings that contradict each other are explained, and a policy that somebody else changed is not overwritten', async () => {
  const page = await open('/admin/policies/lync');
  await page.getByLabel('Wrong PINs until the lock').fill('200');
  await page.getByRole('button', { name: 'What will change?' }).click();
  await page.getByText('maxLogonAttempts must not exceed maxFailuresBeforeHardLock').waitFor();
  await page.getByLabel('Wrong PINs until the lock').fill('20');
  await ringkey.api('PUT', '/policies/lync', { preset: 'lync', minLength: 7 });
  await page.getByRole('button', { name: 'What will change?' }).click();
  await page.getByText('It was changed since it was read.').waitFor();
  expect((await ringkey.api('GET', '/policies/lync')).body).toMatchObject({ minLength: 7 });
});

test('a policy is made from another one, and removed', async () => {
  const page = await open('/admin/policies/new');
  await page.getByLabel('Name').fill('night-shift');
  await page.getByLabel('Begin with the settings of').selectOption('exchange-um');
  await page.getByLabel('Organisational units').fill('OU=Night,DC=example');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'What will change?' }).click();
  await page.getByRole('button', { name: 'Store the policy' }).click();
  await page.getByRole('link', { name: 'night-shift' }).click();
  expect((await ringkey.api('GET', '/policies/night-shift')).body).toMatchObject({
    lifetimeDays: 60,
    units: ['OU=Night,DC=example'],
  });
  await page.getByRole('button', { name: 'Remove …' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('Give its users and units another one first.').waitFor();
});

test('the trail is searched, checked and downloaded', async () => {
  const page = await open('/admin/audit');
  await page.getByRole('cell', { name: 'User made' }).first().waitFor();
  await expectAccessible(page);
  await page.getByLabel('What').selectOption('pin.locked');
  await page.getByLabel('Whom').fill('4712');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('1 record, oldest first').waitFor();
  await page.getByRole('cell', { name: 'Account locked' }).waitFor();
  await page.getByRole('button', { name: 'Check that the trail is whole' }).click();
  await page.getByText('records are whole').waitFor();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download these (NDJSON)' }).click();
  let text = '';
  for await (const chunk of await (await downloading).createReadStream()) text += chunk;
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event),
  ).toEqual(['pin.locked']);
});

test('the trail is paged', async () => {
  const { token } = (await ringkey.api('POST', '/tokens', { name: 'pager', role: 'viewer' })).body;
  for (let from = 0; from < 120; from += 20) {
    const looks = Array.from({ length: 20 }, () =>
      ringkey.api('GET', '/users/4711/pin', undefined, { authorization: `Bearer ${token}` }),
    );
    await Promise.all(looks);
  }
  const page = await open('/admin/audit?actor=pager');
  await page.getByText('100 records on this page, oldest first').waitFor();
  await page.getByRole('link', { name: 'Next page' }).click();
  await page.getByText('20 records on this page, oldest first').waitFor();
  await page.getByRole('button', { name: 'Previous page' }).click();
  await page.getByText('100 records on this page, oldest first').waitFor();
});

test('a token is made, shown once, signs in with its role alone, and its session ends when it is revoked', async () => {
  const page = await open('/admin/tokens');
  await page.getByRole('button', { name: 'New token …' }).click();
  await page.getByLabel('Name').fill('desk');
  await page.getByLabel('Role').selectOption('helpdesk');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Make the token' }).click();
  const token = String(await page.getByTestId('token').textContent());
  expect(token).toMatch(/^rk_/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('rowheader', { name: 'desk', exact: true }).waitFor();
  expect(await page.content()).not.toContain(token);
  await expectAccessible(page);

  const desk = await open('/admin/users/4711', token);
  const pages = desk.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link');
  expect(await pages.allInnerTexts()).toEqual(['Overview', 'Users', 'Policies']);
  await desk.getByRole('button', { name: 'Reset PIN …' }).click();
  expect(await desk.getByLabel('Show me the PIN').count()).toBe(0);
  await desk.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Revoke desk' }).click();
  await page.getByRole('dialog').waitFor();
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('rowheader', { name: 'desk', exact: true }).waitFor({ state: 'detached' });
  await desk.getByRole('link', { name: 'Policies' }).click();
  await desk.getByText('Your session has ended.').waitFor();
});

test('an auditor sees the trail, and nothing else', async () => {
  const { body } = await ringkey.api('POST', '/tokens', { name: 'auditor', role: 'auditor' });
  const page = await open('/admin', String(body.token));
  await page.getByRole('heading', { name: 'Audit' }).waitFor();
  const pages = page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link');
  expect(await pages.allInnerTexts()).toEqual(['Audit']);
});

test('nothing is wider than a narrow screen, and the way around works by keyboard', async () => {
  const page = await open('/admin/users');
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of [
    'overview',
    'users',
    'users/4711',
    'users/new',
    'bulk',
    'policies',
    'policies/default',
    'audit',
    'tokens',
  ]) {
    await page.goto(`${ringkey.service.url}/admin/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360]);
  }
  await page.goto(`${ringkey.service.url}/admin/users`);
  await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('link', { name: 'Skip to the content' }).waitFor();
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
});
