/**
 * Calls on the page of the telephone, in a real browser. Run on each engine.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, takeComplaints, useBrowser } from '../../support/browser.ts';
import { startTestService, type TestService } from '../../support/service.ts';

export function describeWalks(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  describe(`the page of the telephone on ${engine}`, () => {
    const browser = useBrowser();
    let ringkey: TestService;
    beforeAll(async () => {
      ringkey = await startTestService({ env: await env() });
    });
    afterAll(() => ringkey.stop());
    afterEach(() => expect(takeComplaints()).toEqual([]));

    let last = 60_017_300;
    const nextExtension = () => String(++last);

    const open = (viewport = { width: 1280, height: 900 }) =>
      browser.open(`${ringkey.service.url}/phone`, { viewport });
    const heard = (page: Page, words: RegExp) => page.getByRole('log').getByText(words).last().waitFor();
    const call = (page: Page) => page.getByRole('button', { name: 'Call', exact: true });
    const choose = async (page: Page, label: string, isOn: boolean) =>
      page.getByLabel(label).setChecked(isOn);

    async function unhurried(page: Page): Promise<void> {
      await choose(page, 'Speak aloud', false);
      await choose(page, 'No time limit', true);
    }

    /** Presses keys with the pointer. */
    async function press(page: Page, keys: string): Promise<void> {
      const names: Readonly<Record<string, string>> = { '*': 'star', '#': 'pound' };
      const keypad = page.getByRole('group', { name: 'Keypad' });
      for (const key of keys) {
        await keypad.getByRole('button', { name: new RegExp(`^${names[key] ?? key}\\b`) }).click();
      }
    }

    it('makes a whole call with its keys, a forced change included, and keeps nothing of what was keyed', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183', { pinExpired: true });
      const page = await open();
      await call(page).waitFor();
      await expectAccessible(page);
      await unhurried(page);
      await call(page).click();
      await heard(page, /extension, then pound/);
      await press(page, `${extension}#`);
      await heard(page, /Enter your PIN/);
      await press(page, '596183#');
      await heard(page, /choose a PIN of your own/);
      await page.getByText('Reason of the change').waitFor();
      await expectAccessible(page);
      await press(page, '123456#');
      await heard(page, /counts up or down/);
      await press(page, '271803#');
      await heard(page, /once more/);
      await press(page, '271803#');
      await heard(page, /has been changed/);
      const twiml = page.getByRole('region', { name: /TwiML/ }).first();
      expect(await twiml.textContent()).toMatch(/^<Response>\n {2}<Gather\n[\s\S]*<Say /);
      await press(page, '*');
      await heard(page, /The service hung up/);
      await expectAccessible(page);

      const kept = await page.evaluate('JSON.stringify([document.documentElement.outerHTML, localStorage])');
      for (const keyed of [extension, '596183', '123456', '271803']) expect(kept).not.toContain(keyed);
      expect(kept).not.toContain(ringkey.secrets.twilioAuthToken);
      const { body } = await ringkey.api('GET', `/users/${id}/pin`);
      expect(body).toMatchObject({ pinExpired: false, firstTimeUser: false });
    });

    it('can be used by the keyboard alone', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, '596183');
      const page = await open();
      await call(page).waitFor();
      await unhurried(page);
      await call(page).focus();
      await page.keyboard.press('Enter');
      await heard(page, /extension, then pound/);
      await page.keyboard.type(extension);
      await page.keyboard.press('Enter');
      await heard(page, /Enter your PIN/);
      await page.keyboard.type('596183#');
      await heard(page, /signed in/);
      await page.getByRole('button', { name: 'Hang up' }).focus();
      await page.keyboard.press('Enter');
      await heard(page, /You hung up/);
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Call');
    });

    it('lets a key cut short what is said, and silence pass, at the pace of a real call', async () => {
      const page = await open();
      await choose(page, 'Speak aloud', false);
      await call(page).click();
      await heard(page, /extension, then pound/);
      await page.getByText('It speaks.').waitFor();
      await page.keyboard.type('1');
      await page.getByText(/It waits for keys for \d+ s/).waitFor();
      await page.keyboard.type('#');
      await heard(page, /PIN/);
      await page.keyboard.type('*#');
      await page.getByText(/It waits for keys for \d+ s/).waitFor();
      await page.getByRole('button', { name: 'Stay silent' }).click();
      await heard(page, /extension/);
      await page.getByRole('button', { name: 'Hang up' }).click();
      await heard(page, /You hung up/);
    });

    it('speaks in the voice and language of the browser, until it is muted, and remembers that', async () => {
      const page = await open();
      await page.addInitScript(voice);
      await page.reload();
      await page.getByLabel('First language').selectOption('de-DE');
      await call(page).click();
      const said = () => page.evaluate(() => Reflect.get(globalThis, 'said'));
      await heard(page, /Durchwahl/);
      await expect.poll(said).toEqual([{ lang: 'de-DE', text: expect.stringMatching(/Durchwahl/) }]);
      await page.getByText('It speaks.').waitFor();
      await page.evaluate(() => Reflect.get(globalThis, 'endSpeech')());
      await page.getByText('It waits for keys').waitFor();
      await page.getByRole('button', { name: 'Hang up' }).click();
      await heard(page, /You hung up/);

      await choose(page, 'Speak aloud', false);
      await page.reload();
      expect(await page.getByLabel('Speak aloud').isChecked()).toBe(false);
      await call(page).click();
      await heard(page, /extension/);
      expect(await said()).toEqual([]);
    });

    it('sounds each key with the two frequencies of ITU-T Q.23, and no other', async () => {
      const page = await open();
      const measured = await page.evaluate(measureTones);
      const rows = ['123', '456', '789', '*0#'];
      const expected = [...'123456789*0#'].map((key) => {
        const row = rows.findIndex((keys) => keys.includes(key));
        return [key, [697, 770, 852, 941][row], [1209, 1336, 1477][rows[row]?.indexOf(key) ?? -1]];
      });
      expect(measured).toEqual(expected);
    });

    it('shows a hostile name as text', async () => {
      const hostile = `<img src=x onerror="document.title='taken'">"'&</Say>`;
      const phoneNumber = '+15551290001';
      const user = { extension: nextExtension(), displayName: hostile, phoneNumbers: [phoneNumber] };
      await ringkey.addUser(user, '596183');
      const page = await open();
      await unhurried(page);
      await page.getByLabel('Your number').fill(phoneNumber);
      await call(page).click();
      await heard(page, /Welcome, <img src=x/);
      expect(await page.getByRole('log').textContent()).toContain(hostile);
      const twiml = page.getByRole('region', { name: /TwiML/ });
      expect(await twiml.textContent()).toContain('Welcome, &lt;img src=x');
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.title()).toBe('Telephone · Ringkey');
    });

    it('says what is wrong with a number, and calls without one', async () => {
      const page = await open();
      await unhurried(page);
      await page.getByLabel('Your number').fill('555');
      await call(page).click();
      await page.getByText('Write it as + and digits').waitFor();
      await expectAccessible(page);
      await page.getByLabel('Withhold the number').check();
      await call(page).click();
      await page.getByText('from a withheld number').waitFor();
      await heard(page, /extension/);
    });

    it('ends the call when the page is left', async () => {
      const ended = () => ringkey.figure('ringkey_calls_total{outcome="hung-up"}');
      const page = await open();
      await unhurried(page);
      await call(page).click();
      await heard(page, /extension/);
      const before = await ended();
      await page.close();
      await expect.poll(ended).toBe(before + 1);
    });

    it('fits a screen of 360 pixels, with a call under way', async () => {
      const page = await open({ width: 360, height: 740 });
      await unhurried(page);
      await call(page).click();
      await heard(page, /extension/);
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      expect(widths).toEqual([360, 360]);
      await expectAccessible(page);
    });
  });
}

/** The machine has no voice, so this one stands in for it: it says nothing, and is through when it is told. */
const voice = `
  globalThis.said = [];
  globalThis.endSpeech = () => {};
  const synthesis = {
    getVoices: () => [{ lang: 'en-US' }],
    cancel: () => globalThis.endSpeech(),
    speak(words) {
      globalThis.said.push({ lang: words.lang, text: words.text });
      globalThis.endSpeech = () => words.dispatchEvent(new Event('end'));
      words.dispatchEvent(new Event('start'));
    },
  };
  Object.defineProperty(globalThis, 'speechSynthesis', { value: synthesis });
`;

/** Renders the tone of each key, and finds the frequencies in it by the Goertzel algorithm. Runs in the browser. */
const measureTones = `(async () => {
  const { sound } = await import('/assets/phone/dtmf.js');
  const rate = 8000;
  const candidates = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
  const power = (samples, frequency) => {
    const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate);
    let before = 0;
    let last = 0;
    for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
    return last * last + before * before - coefficient * last * before;
  };
  const measured = [];
  for (const key of '123456789*0#') {
    const context = new OfflineAudioContext(1, rate * 0.15, rate);
    sound(context, key);
    const samples = (await context.startRendering()).getChannelData(0);
    const powers = candidates.map((frequency) => power(samples, frequency));
    const loud = candidates.filter((_, index) => powers[index] > Math.max(...powers) / 10);
    measured.push([key, ...loud]);
  }
  return measured;
})()`;
