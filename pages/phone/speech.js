/** Speech by the browser's own voices. Where it has none, or is muted, the words take the time that reading them takes. */

/** @import { Say } from '../../src/web/phone/messages.ts' */

/** About 180 words a minute, which is how fast the provider speaks, too. */
const msPerCharacter = 60;

/** A voice that doesn't begin within this time never will, and some never say that they are through. */
const beginsWithinMs = 3000;
const slowestMsPerCharacter = 4 * msPerCharacter;

/** What is being said is cut short. */
let hushed = new AbortController();

/** Whether the browser has a voice. Some load theirs after the page. */
export function canSpeak() {
  return 'speechSynthesis' in globalThis && speechSynthesis.getVoices().length > 0;
}

/** Stops what is being said. */
export function hush() {
  hushed.abort();
  if ('speechSynthesis' in globalThis) speechSynthesis.cancel();
}

/**
 * Says something, and comes back when it was said or hushed.
 * @param {Say} words
 * @param {'aloud' | 'as-text' | 'at-once'} how `at-once` takes no time
 */
export async function say({ text, language, loop }, how) {
  hush();
  hushed = new AbortController();
  const { signal } = hushed;
  if (how === 'at-once') return;
  for (let times = 0; !signal.aborted && (loop === 0 || times < loop); times += 1) {
    const isSaid = how === 'aloud' && canSpeak() && (await speak(text, language, signal));
    if (!isSaid) await wait(text.length * msPerCharacter, signal);
  }
}

/**
 * @param {string} text
 * @param {string} language
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether a voice took it
 */
function speak(text, language, signal) {
  return new Promise((resolve) => {
    const words = new SpeechSynthesisUtterance(text);
    words.lang = language;
    let hasBegun = false;
    const giveUp = () => {
      speechSynthesis.cancel();
      resolve(hasBegun);
    };
    let alarm = setTimeout(giveUp, beginsWithinMs);
    words.onstart = () => {
      hasBegun = true;
      clearTimeout(alarm);
      alarm = setTimeout(giveUp, beginsWithinMs + text.length * slowestMsPerCharacter);
    };
    words.onend = () => {
      clearTimeout(alarm);
      resolve(true);
    };
    words.onerror = () => {
      clearTimeout(alarm);
      resolve(hasBegun);
    };
    signal.addEventListener('abort', () => {
      clearTimeout(alarm);
      resolve(true);
    });
    speechSynthesis.speak(words);
  });
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function wait(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    const alarm = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(alarm);
      resolve();
    });
  });
}
