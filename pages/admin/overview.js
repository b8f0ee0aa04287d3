/** How things are: figures of the last week, who is locked, mail that could not be sent. */
import { Failure, Heading, Notice, useLoaded } from '../shared/parts.js';
import { html } from '../shared/view.js';
import { count, countOf, lockReasons, time } from '../shared/words.js';
import { Plot } from './plot.js';
import { api, may } from './session.js';

/** @import { User } from './status.js' */
/** @import { Hour } from './plot.js' */

const plots = [
  {
    title: 'Sign-ins and failed tries',
    series: [
      { name: 'signIns', label: 'Sign-ins' },
      { name: 'failedTries', label: 'Failed tries' },
    ],
  },
  {
    title: 'Locks and refused PINs',
    series: [
      { name: 'locks', label: 'Locks' },
      { name: 'refusedPins', label: 'Refused PINs' },
    ],
  },
];

const dayMs = 86_400_000;

export function Overview() {
  const { data, error } = useLoaded(
    /** @returns {Promise<{ hours: readonly Hour[] }>} */ (signal) => api('GET', '/statistics', { signal }),
    [],
  );
  const hours = data?.hours ?? [];
  const day = hours.slice(-24);
  const alerts = sum(day, 'alerts');
  const mails = sum(hours, 'mailsGivenUp');
  return html`
    <${Heading} title="Overview" />
    <${Failure} error=${error} />
    <${Notice} kind="warn">
      ${
        alerts > 0 &&
        html`<strong>${countOf(alerts, 'alert')} in the last 24 hours:</strong> somebody may be trying PINs on many
          extensions, or tokens. The log of the service says from where.`
      }
    <//>
    ${
      data !== null &&
      html`
        <section aria-labelledby="today" class="stack tight">
          <h2 id="today">The last 24 hours</h2>
          <dl class="tiles">
            <${Tile} label="Sign-ins" value=${sum(day, 'signIns')} />
            <${Tile} label="Failed tries" value=${sum(day, 'failedTries')} />
            <${Tile} label="Locks" value=${sum(day, 'locks')} />
            <${Tile} label="Refused PINs" value=${sum(day, 'refusedPins')} />
            <${Tile} label="Changed PINs" value=${sum(day, 'pinChanges')} />
          </dl>
        </section>
        <div class="columns wide-columns">
          ${plots.map(
            ({ title, series }) => html`<section class="card stack tight">
              <h2>${title}</h2>
              <${Plot} title=${title} hours=${hours} series=${series} />
              <${Days} title=${title} hours=${hours} series=${series} />
            </section>`,
          )}
        </div>
        <div class="columns">
          <${Locked} />
          <${UnsentMail} count=${mails} />
        </div>
      `
    }
  `;
}

/** @param {{ label: string, value: number }} props */
function Tile({ label, value }) {
  return html`<div class="card tile">
    <dt>${label}</dt>
    <dd class="number">${count(value)}</dd>
  </div>`;
}

/**
 * The figures of a plot as a table, by the day.
 * @param {{ title: string, hours: readonly Hour[], series: readonly { name: string, label: string }[] }} props
 */
function Days({ title, hours, series }) {
  const names = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short' });
  /** @type {Map<string, Hour[]>} */
  const days = new Map();
  for (const hour of hours) {
    const day = names.format(new Date(hour.at));
    days.set(day, [...(days.get(day) ?? []), hour]);
  }
  return html`<details>
    <summary>The figures as a table</summary>
    <table>
      <caption class="visually-hidden">${title}, by the day</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          ${series.map(({ label }) => html`<th scope="col" class="figure">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${[...days].map(
          ([day, own]) => html`<tr>
            <th scope="row">${day}</th>
            ${series.map(({ name }) => html`<td class="figure">${count(sum(own, name))}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

const mostLocked = 8;

function Locked() {
  const { data, error } = useLoaded(
    /** @returns {Promise<{ users: readonly User[] }>} */
    (signal) => api('GET', `/users?lockedOut=true&limit=${mostLocked}`, { signal }),
    [],
  );
  const users = data?.users ?? [];
  return html`<section class="card stack tight" aria-labelledby="locked">
    <div class="row spread">
      <h2 id="locked">Locked accounts</h2>
      <a href="/admin/users?lockedOut=true">All locked</a>
    </div>
    <${Failure} error=${error} />
    ${data !== null && users.length === 0 && html`<p class="soft">None.</p>`}
    ${
      users.length > 0 &&
      html`<ul class="plain">
        ${users.map(
          ({ id, displayName, extension, pin }) => html`<li>
            <a href=${`/admin/users/${id}`}><bdi>${displayName ?? `Extension ${extension}`}</bdi></a>
            <span class="soft small"> ${lockReasons[pin.lockReason ?? '']}${pin.lastFailedAt !== null && `, last try ${time(pin.lastFailedAt)}`}</span>
          </li>`,
        )}
      </ul>`
    }
  </section>`;
}

/** @param {{ count: number }} props */
function UnsentMail({ count: number }) {
  return html`<section class="card stack tight" aria-labelledby="mail">
    <div class="row spread">
      <h2 id="mail">Mail that could not be sent</h2>
      ${may('audit.read') && html`<a href="/admin/audit?event=mail.given-up&span=7">In the audit trail</a>`}
    </div>
    <p class=${number === 0 ? 'soft' : ''}>
      ${number === 0 ? 'None in the last 7 days.' : `${countOf(number, 'mail')} in the last 7 days.`}
    </p>
    ${may('audit.read') && number > 0 && html`<${GivenUp} />`}
  </section>`;
}

function GivenUp() {
  const from = new Date(Date.now() - 7 * dayMs).toISOString();
  const { data, error } = useLoaded(
    /** @returns {Promise<{ records: readonly { at: string, accountId: string | null, subject: string | null }[] }>} */
    (signal) =>
      api('GET', `/audit?event=mail.given-up&limit=20&from=${encodeURIComponent(from)}`, { signal }),
    [],
  );
  const records = data?.records ?? [];
  return html`<${Failure} error=${error} />
    <ul class="plain">
      ${records.map(
        ({ at, accountId, subject }) => html`<li>
          <a href=${`/admin/users/${accountId}`}>${subject ?? accountId?.slice(0, 8)}</a>
          <span class="soft small"> ${time(at)}</span>
        </li>`,
      )}
    </ul>`;
}

/** @param {readonly Hour[]} hours @param {string} name */
function sum(hours, name) {
  return hours.reduce((total, hour) => total + Number(hour[name] ?? 0), 0);
}
