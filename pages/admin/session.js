/** Whoever is signed in, and requests in their name. */
import { RequestError, send } from '../shared/http.js';

/** @import { RequestOptions } from '../shared/http.js' */

/**
 * @typedef {object} Session
 * @property {string} name
 * @property {'viewer' | 'helpdesk' | 'admin' | 'auditor'} role
 * @property {string | null} scope
 * @property {boolean} mayIgnoreScope
 * @property {readonly string[]} operations
 * @property {string} csrfToken
 * @property {string} endsAt
 * @property {number} idleMinutes
 */

/** @type {Session | null} */
let current = null;

/** @type {() => void} */
let ended = () => {};

/**
 * @param {() => void} told what to do when the session is over
 */
export function onSessionEnd(told) {
  ended = told;
}

/** The session of the cookie; null: nobody is signed in. */
export async function readSession() {
  return keep(await send('GET', '/admin/session'));
}

/** @param {string} token */
export async function signIn(token) {
  return keep(await send('POST', '/admin/session', { body: { token } }));
}

export async function signOut() {
  await send('DELETE', '/admin/session', { headers: csrfHeader() });
  current = null;
}

/** @param {string} operation */
export function may(operation) {
  return current?.operations.includes(operation) ?? false;
}

/**
 * A request to the API.
 * @param {string} method
 * @param {string} path under /api/v1
 * @param {RequestOptions} [options]
 */
export async function request(method, path, options = {}) {
  const asker = current;
  try {
    const headers = { ...csrfHeader(), ...options.headers };
    return await send(method, `/api/v1${path}`, { ...options, headers });
  } catch (error) {
    // A late answer to the session before says nothing of the one of now.
    const isOver = error instanceof RequestError && error.problem.status === 401 && current === asker;
    if (isOver) ended();
    throw error;
  }
}

/**
 * A request to the API that is answered with JSON, or with nothing: then null.
 * @template [T=unknown] what it is answered with, as the API's document has it
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 * @returns {Promise<T>}
 */
export async function api(method, path, options) {
  const response = await request(method, path, options);
  return response.status === 204 ? /** @type {T} */ (null) : response.json();
}

/** @param {Response} response */
async function keep(response) {
  /** @type {{ session: Session | null }} */
  const { session } = await response.json();
  current = session;
  return session;
}

/** @returns {Record<string, string>} */
function csrfHeader() {
  return current === null ? {} : { 'x-csrf-token': current.csrfToken };
}
