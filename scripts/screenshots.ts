/**
 * Takes pictures of the pages, as they are, with users who are made up.
 *
 *   npx tsx scripts/screenshots.ts            those of the README, into docs/images
 *   npx tsx scripts/screenshots.ts FOLDER     every page, narrow and wide, light and dark, to look at
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../test/support/chromium.ts';
import { fakeClock } from '../test/support/clock.ts';
import { startTestService, type TestService } from '../test/support/service.ts';

interface Shot {
  readonly name: string;
  readonly path: string;
  /** What must be seen before the picture is taken. */
  readonly awaits: string;
  readonly before?: (page: Page) => Promise<unknown>;
}

const press = (name: string) => (page: Page) => page.getByRole('button', { name }).click();

const shots: readonly Shot[] = [
  { name: 'overview', path: '/admin/overview', awaits: 'The last 24 hours' },
  { name: 'users', path: '/admin/users', awaits: 'Ada Lovelace' },
  { name: 'user', path: '/admin/users/1001', awaits: 'Recent events' },
  { name: 'reset', path: '/admin/users/1001', awaits: 'Recent events', before: press('Reset PIN …') },
  {
    name: 'reset-refused',
    path: '/admin/users/1001',
    awaits: 'Recent events',
    async before(page) {
      await press('Reset PIN …')(page);
      await page.getByLabel('Type a PIN').check();
      await page.getByLabel('New PIN').fill('1234');
      await press('Continue')(page);
      await page.getByText('This PIN is refused.').waitFor();
    },
  },
  {
    name: 'reset-plan',
    path: '/admin/users/1001',
    awaits: 'Recent events',
    async before(page) {
      await press('Reset PIN …')(page);
      await page.getByLabel('Show me the PIN').check();
      await press('Continue')(page);
      await page.getByText('This will happen').waitFor();
    },
  },
  {
    name: 'reset-done',
    path: '/admin/users/1003',
    awaits: 'Recent events',
    async before(page) {
      await press('Reset PIN …')(page);
      await page.getByLabel('Show me the PIN').check();
      await press('Continue')(page);
      await press('Reset the PIN')(page);
      await page.getByText('Hidden in').waitFor();
    },
  },
  { name: 'edit', path: '/admin/users/1001/edit', awaits: 'Save' },
  { name: 'bulk', path: '/admin/bulk?lockedOut=true', awaits: 'Count them' },
  {
    name: 'bulk-done',
    path: '/admin/bulk?displayName=*a*',
    awaits: 'Count them',
    async before(page) {
      await page.getByLabel('Require a change of PIN').check();
      await press('Count them')(page);
      await press('Require a change of')(page);
      await page.getByText('failed.').waitFor();
    },
  },
  { name: 'policies', path: '/admin/policies', awaits: 'Least digits' },
  { name: 'policy', path: '/admin/policies/default', awaits: 'What will change?' },
  {
    name: 'policy-plan',
    path: '/admin/policies/default',
    awaits: 'What will change?',
    async before(page) {
      await page.getByLabel('Least digits').fill('8');
      await press('What will change?')(page);
      await page.getByText('This will change').waitFor();
    },
  },
  { name: 'audit', path: '/admin/audit', awaits: 'oldest first' },
  { name: 'tokens', path: '/admin/tokens', awaits: 'desk-berlin' },
  { name: 'phone', path: '/phone', awaits: 'First language' },
  {
    name: 'phone-call',
    path: '/phone',
    awaits: 'First language',
    async before(page) {
      await page.getByLabel('Speak aloud').uncheck();
      await page.getByLabel('No time limit').check();
      await press('Call')(page);
      await page.getByText('extension, then pound').first().waitFor();
      await page.keyboard.type('1010#');
      await page.getByText('Enter your PIN').first().waitFor();
      await page.keyboard.type('901843#');
      await page
        .getByText(/signed in|Enter a new PIN/)
        .first()
        .waitFor();
      await page.getByText('It waits for keys').waitFor();
      await page.evaluate('scrollTo(0, 0)');
    },
  },
];

const forReadme = ['overview', 'users', 'reset-plan', 'phone-call'];

const people = [
  'Ada Lovelace',
  'Grace Hopper',
  'Alan Turing',
  'Katherine Johnson',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
  'Radia Perlman',
  'Ken Thompson',
  'Hedy Lamarr',
  'Claude Shannon',
  'Margaret Hamilton',
];

const [folder] = process.argv.slice(2);
const target = folder ?? fileURLToPath(new URL('../docs/images', import.meta.url));
mkdirSync(target, { recursive: true });
const clock = fakeClock(Date.now() - 6 * 86_400_000);
const ringkey = await startTestService({ clock, env: { CALLER_FAILURES_PER_HOUR: '12' } });
try {
  await fill(ringkey);
  await takeAll(ringkey);
} finally {
  await ringkey.stop();
}

/** Some days of work: users, calls that go well and calls that don't, and what administrators do about them. */
async function fill({ api, addUser, dial }: TestService): Promise<void> {
  const pins = people.map((_, at) => String(830_572 + at * 7919));
  for (const [at, displayName] of people.entries()) {
    const extension = String(1001 + at);
    const [first = ''] = displayName.toLowerCase().split(' ');
    const unit = at % 2 === 0 ? 'Sales' : 'Support';
    const email = at === 9 ? null : `${first}@example.com`;
    const user = { extension, displayName, email, dn: `CN=${displayName},OU=${unit},DC=example,DC=com` };
    await addUser(user, at === 7 ? undefined : pins[at]);
  }
  await api('POST', '/tokens', { name: 'desk-berlin', role: 'helpdesk', expiresInDays: 90 });
  await api('POST', '/tokens', { name: 'desk-sales', role: 'helpdesk', scope: 'OU=Sales,DC=example,DC=com' });
  await api('POST', '/tokens', { name: 'nightly-report', role: 'viewer', expiresInDays: 365 });
  for (let hour = 0; hour < 6 * 24; hour += 1) {
    const isOffice = new Date(clock.now()).getUTCHours() >= 7 && new Date(clock.now()).getUTCHours() < 18;
    for (let call = 0; call < (isOffice ? 3 + ((hour * 7) % 5) : hour % 2); call += 1) {
      const at = (hour * 5 + call * 3) % 6;
      await signIn(dial, String(1001 + at), call % 4 === 3 ? '000000' : (pins[at] ?? ''));
    }
    clock.advance(3_600_000);
  }
  for (let tries = 0; tries < 10; tries += 1) await signIn(dial, '1003', '000000');
  for (let tries = 0; tries < 4; tries += 1) await signIn(dial, '1012', '000000');
  await api('PATCH', '/users/1005/pin', { lockedOut: true });
  await api('PATCH', '/users/1002/pin', { pinExpired: true });
  await api('POST', '/users/1001/pin/reset', { pin: '123456' });
  await api('POST', '/users/1001/pin/reset', { pin: '740296', pinExpired: true });
  await api('PATCH', '/users/1001/pin', { lockedOut: true });
  await api('PATCH', '/users/1001/pin', { lockedOut: false });
}

async function signIn(dial: TestService['dial'], extension: string, pin: string): Promise<void> {
  const call = await dial({ from: `+1555${extension}000` });
  await call.press(`${extension}#`);
  await call.press(`${pin}#`);
  await call.hangUp();
}

async function takeAll({ service, secrets }: TestService): Promise<void> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  const looks =
    folder === undefined
      ? ([['light', 1120, '']] as const)
      : ([
          ['light', 1200, '-wide'],
          ['dark', 1200, '-wide-dark'],
          ['light', 360, '-narrow'],
          ['dark', 360, '-narrow-dark'],
        ] as const);
  for (const [colorScheme, width, suffix] of looks) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 800 },
      locale: 'en-US',
    });
    const page = await context.newPage();
    await page.goto(`${service.url}/admin`);
    await page.getByLabel('Token').waitFor();
    if (folder !== undefined) await page.screenshot({ path: join(target, `sign-in${suffix}.png`) });
    await page.getByLabel('Token').fill(secrets.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    for (const { name, path, awaits, before } of shots) {
      if (folder === undefined && !forReadme.includes(name)) continue;
      await page.evaluate('sessionStorage.clear()');
      await page.goto(`${service.url}${path}`);
      await page.getByText(awaits).first().waitFor();
      await page.waitForLoadState('networkidle');
      await before?.(page);
      const isWhole = folder !== undefined && before === undefined;
      await page.screenshot({ path: join(target, `${name}${suffix}.png`), fullPage: isWhole });
    }
    await context.close();
  }
  await browser.close();
}
