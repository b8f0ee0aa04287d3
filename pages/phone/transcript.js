/** What happened on the line, as lines to read. What was keyed is not among it, only how many keys. */
import { html, useEffect, useRef } from '../shared/view.js';

/** @import { PhoneMessage, ShownEnd } from '../../src/web/phone/messages.ts' */

/**
 * @typedef {{ by: 'service', text: string, language: string } | { by: 'caller', keys: number } | { by: 'line', text: string }} Entry
 */

/**
 * @param {readonly Entry[]} entries
 * @returns {readonly Entry[]}
 */
export function withKey(entries) {
  const last = entries.at(-1);
  return last?.by === 'caller'
    ? [...entries.slice(0, -1), { by: 'caller', keys: last.keys + 1 }]
    : [...entries, { by: 'caller', keys: 1 }];
}

/**
 * @param {readonly Entry[]} entries
 * @param {PhoneMessage} message
 * @returns {readonly Entry[]}
 */
export function withMessage(entries, message) {
  if (message.kind === 'say') {
    return [...entries, { by: 'service', text: message.text, language: message.language }];
  }
  const note = noteOn(message);
  return note === null ? entries : [...entries, { by: 'line', text: note }];
}

/** @param {PhoneMessage} message */
function noteOn(message) {
  switch (message.kind) {
    case 'play':
      return `Plays ${message.url}. This page plays no recordings.`;
    case 'pause':
      return `A pause of ${message.seconds} s.`;
    case 'dial':
      return `Connects to ${message.target}, who answers and hangs up.`;
    case 'warning':
      return `Warning: ${message.message}`;
    case 'error':
      return `Error ${message.code} at ${message.url}: ${message.message}`;
    case 'end':
      return noteOnEnd(message.end);
    default:
      return null;
  }
}

/** @param {ShownEnd} end */
function noteOnEnd(end) {
  switch (end.by) {
    case 'caller':
      return 'You hung up.';
    case 'document':
      return 'The service hung up.';
    case 'reject':
      return `The service rejected the call: ${end.reason}.`;
    case 'redirect':
      return `Signed in, and handed over to ${end.url}. It is not followed there.`;
    case 'error':
      return `The call failed: ${end.message}`;
    case 'limit':
      return `The call was ended after ${end.minutes} minutes.`;
  }
}

/** px above the last line */
const margin = 12;

/** @param {{ entries: readonly Entry[] }} props */
export function Transcript({ entries }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const last = box.current?.lastElementChild;
    // To the beginning of the last line, if it is a long one.
    if (box.current && last instanceof HTMLElement) box.current.scrollTop = last.offsetTop - margin;
  }, [entries]);
  return html`<div class="transcript" role="log" aria-label="What is said" tabindex="0" ref=${box}>
    ${entries.length === 0 && html`<p class="soft">What is said appears here.</p>`}
    ${entries.map((entry) => html`<${Line} entry=${entry} />`)}
  </div>`;
}

/** @param {{ entry: Entry }} props */
function Line({ entry }) {
  switch (entry.by) {
    case 'service':
      return html`<p class="said" lang=${entry.language}>${entry.text}</p>`;
    case 'caller':
      // Whoever hears the page has heard each key already.
      return html`<p class="keyed" aria-hidden="true">${'•'.repeat(entry.keys)}</p>`;
    case 'line':
      return html`<p class="note small">${entry.text}</p>`;
  }
}
