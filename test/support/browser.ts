/**
 * A browser for tests: Debian's Chromium, or the one that CHROMIUM names. What a page logs as an error, and what its policy refuses,
 * fails the test that saw it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { findChromium } from './chromium.ts';

const require = createRequire(import.meta.url);
const axe = require.resolve('axe-core/axe.min.js');

export interface TestBrowser {
  /** Opens a page in a browser of its own: no cookie of another. */
  readonly open: (url: string, options?: BrowserContextOptions) => Promise<Page>;
}

/** To be called at the top of a test file: starts a browser before its tests, and closes it after them. */
export function useBrowser(): TestBrowser {
  let browser: Browser;
  beforeAll(async () => {
    // Within containers, there are no namespaces to make a sandbox of; only our own pages are opened.
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());
  return {
    async open(url, options = {}) {
      const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      page.on('pageerror', (error) => complaints.push(`${error}`));
      page.on('console', (message) => {
        const isFailedRequest = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isFailedRequest) complaints.push(message.text());
      });
      await page.goto(url);
      return page;
    },
  };
}

const complaints: string[] = [];

/** What pages complained of since it was last asked. */
export function takeComplaints(): readonly string[] {
  return complaints.splice(0);
}

const findings = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })),
    }),
  ),
});

/** Holds a page to what axe-core finds serious or critical, in both colour schemes. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Colours halfway between two states are nobody's to read.
    await page.evaluate('Promise.allSettled(document.getAnimations().map((one) => one.finished))');
    // The policy of the page lets no script in from outside, so this one goes in through the debugger.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
    const { result } = await session.send('Runtime.evaluate', {
      expression: 'axe.run().then((found) => JSON.stringify({ violations: found.violations }))',
      awaitPromise: true,
    });
    await session.detach();
    const { violations } = findings.parse(JSON.parse(String(result.value)));
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(
      grave.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`),
    ).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
