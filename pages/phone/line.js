/** The line to the service: one answer that goes on for as long as the call, and requests for what the caller does. */
import { linesOf, RequestError, send } from '../shared/http.js';

/** @import { PhoneMessage } from '../../src/web/phone/messages.ts' */

/**
 * @typedef {object} Settings
 * @property {readonly string[]} locales
 * @property {string} defaultLocale
 * @property {string | null} csrfToken
 */

/**
 * @typedef {object} NewCall
 * @property {string | null} from
 * @property {string | null} locale
 * @property {boolean} isPatient
 */

/** @returns {Promise<Settings>} */
export async function readSettings() {
  return (await send('GET', '/phone/settings')).json();
}

/**
 * Makes a call. Comes back when it is over.
 * @param {Settings} settings
 * @param {NewCall} call
 * @param {(message: PhoneMessage, line: Line) => void} told
 * @throws {RequestError} when it can't be made, or the line was cut
 */
export async function makeCall(settings, call, told) {
  const headers = headersOf(settings);
  const response = await send('POST', '/phone/calls', { body: call, headers });
  /** @type {Line | null} */
  let line = null;
  for await (const message of /** @type {AsyncGenerator<PhoneMessage>} */ (linesOf(response))) {
    if (message.kind === 'call') line = lineOf(message.call, headers);
    if (line !== null) told(message, line);
  }
}

/**
 * @typedef {object} Line
 * @property {(key: string) => void} press
 * @property {(sound: number) => void} played
 * @property {() => void} staySilent
 * @property {(isPatient: boolean) => void} setPatience
 * @property {() => void} hangUp
 */

/**
 * @param {string} call
 * @param {Record<string, string>} headers
 * @returns {Line}
 */
function lineOf(call, headers) {
  /** @param {object} action */
  const act = (action) =>
    send('POST', '/phone/actions', { body: { call, ...action }, headers }).catch((error) => {
      // What comes too late, or can't be sent, shows on the line itself.
      if (!(error instanceof RequestError)) throw error;
    });

  // One request at a time, so that keys arrive in the order in which they were pressed.
  let waiting = '';
  let isSending = false;
  /** @param {string} key */
  async function press(key) {
    waiting += key;
    if (isSending) return;
    isSending = true;
    while (waiting !== '') {
      const keys = waiting.slice(0, 50);
      waiting = waiting.slice(50);
      await act({ do: 'press', keys });
    }
    isSending = false;
  }

  return {
    press: (key) => void press(key),
    played: (sound) => void act({ do: 'played', sound }),
    staySilent: () => void act({ do: 'stay-silent' }),
    setPatience: (isPatient) => void act({ do: 'set-patience', isPatient }),
    hangUp: () => void act({ do: 'hang-up' }),
  };
}

/**
 * @param {Settings} settings
 * @returns {Record<string, string>}
 */
function headersOf({ csrfToken }) {
  return csrfToken === null ? {} : { 'x-csrf-token': csrfToken };
}
