/**
 * A change of many accounts as it goes on: over the lines of the answer, and over a reload of the page. What was asked for is kept
 * for as long as this window is open, under the key that lets Ringkey go on where it was; PINs are kept nowhere.
 */
import { linesOf } from '../shared/http.js';
import { request } from './session.js';

/**
 * A line of the answer to a change of many: what came of one user, and at the end the summary.
 * @typedef {{ extension: string, userId: string, outcome: string, code: string, pin?: string } | { summary: object }} Line
 */

/**
 * @typedef {object} Work
 * @property {string} key the Idempotency-Key
 * @property {'reset' | 'unlock' | 'lock' | 'expire'} action
 * @property {{ filter: object, expectedCount: number, reveal?: boolean }} body
 * @property {string} words whom it is done to
 */

/**
 * @typedef {object} Progress
 * @property {readonly string[]} finished extensions that are dealt with, failed or not
 * @property {readonly { extension: string, userId: string, code: string }[]} failed
 * @property {readonly { extension: string, pin: string }[]} pins those that were shown to this very page
 * @property {boolean} isDone
 */

/** @typedef {{ id: string, name: string }} Chosen */

const workKey = 'ringkey-work';
const progressKey = 'ringkey-work-progress';
const selectionKey = 'ringkey-selection';

/** Enough to be seen moving, and not more work than the work itself. */
const toldEveryMs = 150;

/** @type {Progress} */
const nothingDone = { finished: [], failed: [], pins: [], isDone: false };

/** @param {readonly { id: string, displayName: string | null, extension: string }[]} users */
export function keepSelection(users) {
  const chosen = users.map(({ id, displayName, extension }) => ({ id, name: displayName ?? extension }));
  sessionStorage.setItem(selectionKey, JSON.stringify(chosen));
}

/** @returns {readonly Chosen[]} */
export function keptSelection() {
  return JSON.parse(sessionStorage.getItem(selectionKey) ?? '[]');
}

/** What was begun and not put away. @returns {Work | null} */
export function keptWork() {
  return JSON.parse(sessionStorage.getItem(workKey) ?? 'null');
}

/** @param {Work} work */
export function keepWork(work) {
  sessionStorage.removeItem(progressKey);
  sessionStorage.setItem(workKey, JSON.stringify(work));
}

export function putAway() {
  for (const key of [workKey, progressKey]) sessionStorage.removeItem(key);
}

/** What is known of the progress before this page was loaded. @returns {Progress} */
export function keptProgress() {
  return { ...nothingDone, ...JSON.parse(sessionStorage.getItem(progressKey) ?? '{}') };
}

/** @param {Progress} progress */
function keepProgress({ finished, failed, isDone }) {
  sessionStorage.setItem(progressKey, JSON.stringify({ finished, failed, isDone }));
}

/**
 * How many accounts a filter fits. Ringkey says so when it is asked to change another number of them, and changes nothing.
 * @param {Work['action']} action
 * @param {object} body
 * @returns {Promise<number>}
 */
export async function countFor(action, body) {
  try {
    await request('POST', `/pins/${action}?dryRun=true`, { body: { ...body, expectedCount: 0 } });
    return 0;
  } catch (error) {
    const problem = error instanceof Error && 'problem' in error ? error.problem : null;
    const { code, count } = /** @type {{ code?: string, count?: number }} */ (problem ?? {});
    if (code === 'count_differs' && count !== undefined) return count;
    throw error;
  }
}

/**
 * Does the work, or goes on with it.
 * @param {Work} work
 * @param {(progress: Progress) => void} told hears of the progress now and then, and at the end
 * @param {AbortSignal} signal stops it; what is done stays done
 */
export async function perform({ key, action, body }, told, signal) {
  const before = keptProgress();
  const finished = new Set(before.finished);
  const failed = new Map(before.failed.map((failure) => [failure.extension, failure]));
  /** @type {{ extension: string, pin: string }[]} */
  const pins = [];
  let isDone = false;
  let toldAt = 0;
  const tell = () => {
    toldAt = performance.now();
    const progress = { finished: [...finished], failed: [...failed.values()], pins: [...pins], isDone };
    keepProgress(progress);
    told(progress);
  };
  const leaving = () => tell();
  addEventListener('pagehide', leaving);
  try {
    const response = await request('POST', `/pins/${action}`, {
      body,
      headers: { 'idempotency-key': key },
      signal,
    });
    for await (const line of /** @type {AsyncGenerator<Line>} */ (linesOf(response))) {
      if ('summary' in line) {
        isDone = true;
        continue;
      }
      const { extension, userId, outcome, code, pin } = line;
      finished.add(extension);
      failed.delete(extension);
      if (outcome === 'failed') failed.set(extension, { extension, userId, code });
      if (pin !== undefined) pins.push({ extension, pin });
      if (performance.now() - toldAt > toldEveryMs) tell();
    }
  } finally {
    removeEventListener('pagehide', leaving);
    tell();
  }
}
