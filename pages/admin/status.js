/** The status of a PIN at a glance. */
import { html } from '../shared/view.js';
import { lockReasons, time } from '../shared/words.js';

/**
 * @typedef {object} PinStatus
 * @property {boolean} pinSet
 * @property {boolean} pinExpired
 * @property {boolean} lockedOut
 * @property {string | null} lockReason
 * @property {string | null} lockedUntil
 * @property {boolean} firstTimeUser
 * @property {string | null} lastChangedAt
 * @property {string | null} expiresAt
 * @property {number} failedAttempts
 * @property {string | null} lastFailedAt
 * @property {string | null} lastSignInAt
 * @property {string} policy
 * @property {number} [mailsWaiting]
 * @property {string | null} [mailGivenUpAt]
 */

/**
 * @typedef {object} Profile
 * @property {string} id
 * @property {string} extension
 * @property {string | null} displayName
 * @property {string | null} email
 * @property {string | null} upn
 * @property {string | null} alias
 * @property {string | null} sipAddress
 * @property {string | null} account
 * @property {string | null} dn
 * @property {string | null} legacyExchangeDn
 * @property {readonly string[]} phoneNumbers
 * @property {string | null} locale
 * @property {string | null} policy
 * @property {boolean} enabled
 * @property {string} createdAt
 */

/** @typedef {Profile & { pin: PinStatus }} User */

/** @param {{ user: { enabled: boolean }, status: PinStatus }} props */
export function StatusBadges({ user, status }) {
  const badges = [
    ...(user.enabled ? [] : [['', 'Disabled']]),
    ...(status.lockedOut ? [['bad', 'Locked']] : []),
    ...(status.pinSet ? [] : [['warn', 'No PIN']]),
    ...(status.pinExpired ? [['warn', 'Change due']] : []),
    ...(status.mailGivenUpAt ? [['warn', 'Mail failed']] : []),
    ...(status.firstTimeUser && status.pinSet ? [['', 'Never signed in']] : []),
  ];
  const shown = badges.length > 0 ? badges : [['good', 'OK']];
  return html`<span class="badges">
    ${shown.map(([kind, text]) => html`<span class=${`badge ${kind}`}>${text}</span> `)}
  </span>`;
}

/** @param {{ status: PinStatus }} props */
export function StatusFacts({ status }) {
  return html`<dl class="facts">
    <dt>Lock</dt>
    <dd>${lockWords(status)}</dd>
    <dt>PIN</dt>
    <dd>${status.pinSet ? `Set, last changed ${time(status.lastChangedAt)}` : 'Not set'}</dd>
    <dt>Change of PIN</dt>
    <dd>${status.pinExpired ? 'Due at the next sign-in' : 'Not due'}</dd>
    <dt>Expires</dt>
    <dd>${time(status.expiresAt)}</dd>
    <dt>Last sign-in</dt>
    <dd>${time(status.lastSignInAt)}</dd>
    <dt>Failed tries since</dt>
    <dd>
      ${status.failedAttempts}${status.failedAttempts > 0 && `, the last ${time(status.lastFailedAt)}`}
    </dd>
    <dt>Policy</dt>
    <dd>${status.policy}</dd>
    ${
      status.mailsWaiting || status.mailGivenUpAt
        ? html`<dt>Mail</dt>
          <dd>
            ${status.mailsWaiting ? `${status.mailsWaiting} waiting for the mail server. ` : ''}
            ${status.mailGivenUpAt ? `A mail was given up ${time(status.mailGivenUpAt)}.` : ''}
          </dd>`
        : null
    }
  </dl>`;
}

/** @param {PinStatus} status */
function lockWords({ lockedOut, lockReason, lockedUntil }) {
  if (!lockedOut) return 'Not locked';
  const why = lockReasons[lockReason ?? ''] ?? '';
  return `Locked ${why}, until ${lockedUntil === null ? 'an administrator unlocks it' : time(lockedUntil)}`;
}
