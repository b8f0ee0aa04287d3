/** A user: the status of the PIN, what can be done about it, the profile, and what happened lately. */
import { Dialog, Failure, Heading, Notice, useLoaded, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { eventWords, time } from '../shared/words.js';
import { go } from './navigation.js';
import { ResetDialog } from './reset-dialog.js';
import { api, may } from './session.js';
import { StatusBadges, StatusFacts } from './status.js';

/** @import { PinStatus, Profile } from './status.js' */

/** @param {{ parts: readonly string[] }} props */
export function UserPage({ parts: [id = ''] }) {
  const path = `/users/${encodeURIComponent(id)}`;
  const profile = useLoaded(
    /** @returns {Promise<Profile>} */ (signal) => api('GET', path, { signal }),
    [id],
  );
  const status = useLoaded(
    /** @returns {Promise<PinStatus>} */ (signal) => api('GET', `${path}/pin`, { signal }),
    [id],
  );
  const [changes, setChanges] = useState(0);
  if (profile.data === null) {
    return html`<${Heading} title="User" /><${Failure} error=${profile.error} />`;
  }
  const user = profile.data;
  const name = user.displayName ?? `Extension ${user.extension}`;
  const changed = () => {
    status.reload();
    setChanges(changes + 1);
  };
  return html`
    <p class="crumbs"><a href="/admin/users">Users</a></p>
    <${Heading} title=${name}>
      ${status.data !== null && html`<${StatusBadges} user=${user} status=${status.data} />`}
    <//>
    <${Failure} error=${profile.error ?? status.error} />
    <div class="columns">
      <section class="card stack" aria-labelledby="pin-status">
        <h2 id="pin-status">PIN status</h2>
        ${
          status.data !== null &&
          html`<${Actions} path=${path} user=${user} status=${status.data} onChange=${changed} />
            <${StatusFacts} status=${status.data} />`
        }
      </section>
      <${ProfileCard} user=${user} path=${path} name=${name} />
    </div>
    ${may('audit.read') && html`<${RecentEvents} id=${user.id} key=${changes} />`}
  `;
}

/** @param {{ path: string, user: Profile, status: PinStatus, onChange: () => void }} props */
function Actions({ path, user, status, onChange }) {
  const [isResetting, setResetting] = useState(false);
  const [said, say] = useState('');
  const { error, isBusy, run } = useWork();
  /**
   * @param {object} change
   * @param {string} done
   */
  const update = (change, done) =>
    run(async () => {
      say('');
      await api('PATCH', `${path}/pin`, { body: change });
      say(done);
      onChange();
    });
  return html`
    <div class="row">
      ${
        may('pins.reset') &&
        html`<button class="primary" onClick=${() => setResetting(true)}>Reset PIN …</button>`
      }
      ${
        status.lockedOut &&
        may('pins.unlock') &&
        html`<button disabled=${isBusy} onClick=${() => update({ lockedOut: false }, 'The account is unlocked.')}>
          Unlock
        </button>`
      }
      ${
        !status.lockedOut &&
        may('pins.lock') &&
        html`<button
          disabled=${isBusy}
          onClick=${() => update({ lockedOut: true }, 'The account is locked until somebody unlocks it.')}
        >
          Lock
        </button>`
      }
      ${
        may('pins.expire') &&
        status.pinSet &&
        (status.pinExpired
          ? html`<button
              disabled=${isBusy}
              onClick=${() => update({ pinExpired: false }, 'No change is required by an administrator any more.')}
            >
              Waive the change
            </button>`
          : html`<button
              disabled=${isBusy}
              onClick=${() => update({ pinExpired: true }, 'The PIN must be changed at the next sign-in.')}
            >
              Require a change
            </button>`)
      }
    </div>
    <${Notice} kind="good">${said}<//>
    <${Failure} error=${error} />
    ${
      isResetting &&
      html`<${ResetDialog}
        path=${path}
        user=${user}
        status=${status}
        onClose=${(/** @type {boolean} */ isReset) => {
          setResetting(false);
          if (isReset) onChange();
        }}
      />`
    }
  `;
}

/** @param {{ user: Profile, path: string, name: string }} props */
function ProfileCard({ user, path, name }) {
  const [isRemoving, setRemoving] = useState(false);
  const facts = /** @type {const} */ ([
    ['Extension', user.extension],
    ['Display name', user.displayName],
    ['E-mail', user.email],
    ['Telephone', user.phoneNumbers.join(', ') || null],
    ['UPN', user.upn],
    ['Alias', user.alias],
    ['SIP address', user.sipAddress],
    ['Account', user.account],
    ['DN', user.dn],
    ['Legacy Exchange DN', user.legacyExchangeDn],
    ['Language', user.locale],
    ['Assigned policy', user.policy],
    ['May sign in', user.enabled ? 'Yes' : 'No: disabled'],
    ['Made', time(user.createdAt)],
  ]);
  return html`<section class="card stack" aria-labelledby="profile">
    <h2 id="profile">Profile</h2>
    <dl class="facts">
      ${facts
        .filter(([, value]) => value !== null)
        .map(
          ([label, value]) =>
            html`<dt>${label}</dt>
              <dd><bdi>${value}</bdi></dd>`,
        )}
    </dl>
    <div class="row">
      ${may('users.change') && html`<a class="button" href=${`/admin/users/${user.id}/edit`}>Edit</a>`}
      ${may('users.remove') && html`<button onClick=${() => setRemoving(true)}>Remove …</button>`}
    </div>
    ${isRemoving && html`<${RemoveDialog} path=${path} name=${name} onClose=${() => setRemoving(false)} />`}
  </section>`;
}

/** @param {{ path: string, name: string, onClose: () => void }} props */
function RemoveDialog({ path, name, onClose }) {
  const { error, isBusy, run } = useWork();
  const remove = () =>
    run(async () => {
      await api('DELETE', path);
      go('/admin/users');
    });
  return html`<${Dialog} title="Remove this user?" onClose=${onClose}>
    <p>
      <bdi>${name}</bdi> is removed with the PIN and its history. The extension is free at once. This can not be taken
      back; what happened stays in the audit trail.
    </p>
    <${Failure} error=${error} />
    <div class="row">
      <button class="danger" disabled=${isBusy} onClick=${remove}>Remove</button>
      <button onClick=${onClose}>Cancel</button>
    </div>
  <//>`;
}

const recentDays = 30;
const mostEvents = 15;

/** @param {{ id: string }} props */
function RecentEvents({ id }) {
  const { data, error } = useLoaded((signal) => loadRecent(id, signal), [id]);
  return html`<section class="stack tight" aria-labelledby="events">
    <div class="row spread">
      <h2 id="events">Recent events</h2>
      <a href=${`/admin/audit?account=${id}`}>All events of this user</a>
    </div>
    <${Failure} error=${error} />
    ${
      data !== null &&
      (data.length === 0
        ? html`<p class="soft">Nothing in the last ${recentDays} days.</p>`
        : html`<div class="table-wrap">
            <table>
              <caption class="visually-hidden">
                The last events of this user, newest first
              </caption>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">What, and who</th>
                  <th scope="col">Outcome</th>
                </tr>
              </thead>
              <tbody>
                ${data.map(
                  (record) => html`<tr>
                    <td class="number">${time(record.at)}</td>
                    <td class="wrap">
                      ${eventWords(record.event)}
                      <div class="soft small"><bdi>${actorWords(record.actor)}</bdi></div>
                    </td>
                    <td>${record.outcome === 'done' ? 'Done' : 'Refused'}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`)
    }
  </section>`;
}

/**
 * @typedef {object} AuditRecord
 * @property {string} at
 * @property {string} event
 * @property {{ kind: string, name: string, from: string | null }} actor
 * @property {string} outcome
 */

/**
 * The last events, newest first. The trail is read in the order of time, so its earlier pages are passed over. Looks at the status
 * would drown everything else.
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function loadRecent(id, signal) {
  const from = new Date(Date.now() - recentDays * 86_400_000).toISOString();
  /** @type {AuditRecord[]} */
  let records = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    const query = { account: id, from, limit: '500', ...(cursor === null ? {} : { cursor }) };
    /** @type {{ records: readonly AuditRecord[], cursor: string | null }} */
    const page = await api('GET', `/audit?${new URLSearchParams(query)}`, { signal });
    const news = page.records.filter(({ event }) => event !== 'pin.status-read');
    records = [...records, ...news].slice(-mostEvents);
    cursor = page.cursor;
  } while (cursor !== null);
  return records.reverse();
}

/** @param {AuditRecord['actor']} actor */
function actorWords({ kind, name }) {
  if (kind === 'caller') return 'The user, by telephone';
  if (kind === 'visitor') return 'On the web page /me';
  return kind === 'rule' ? `Ringkey (${name})` : name;
}
