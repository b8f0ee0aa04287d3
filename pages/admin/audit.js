/** The audit trail: who did what to whom, when, from where, and how it came out. */
import { download } from '../shared/download.js';
import { Failure, Field, Heading, Notice, useLoaded, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { count, countOf, events, eventWords, time } from '../shared/words.js';
import { go } from './navigation.js';
import { api, may, request } from './session.js';

/** @import { FieldEvent } from '../shared/parts.js' */

/**
 * @typedef {object} AuditRecord
 * @property {string} at
 * @property {string} event
 * @property {{ kind: string, name: string, from: string | null }} actor
 * @property {string | null} accountId
 * @property {string | null} subject
 * @property {string} outcome
 * @property {unknown} details
 * @property {string} hash
 */

const pageSize = 100;
const dayMs = 86_400_000;

/** Spans that are wanted most; null: all that is kept. */
const spans = /** @type {const} */ ([
  ['1', 'The last 24 hours'],
  ['7', 'The last 7 days'],
  ['30', 'The last 30 days'],
  ['all', 'All that is kept'],
]);

/** @param {{ query: URLSearchParams }} props */
export function Audit({ query }) {
  const names = ['account', 'actor', 'event'];
  const filter = Object.fromEntries(
    names.map((name) => [name, query.get(name) ?? '']).filter(([, value]) => value),
  );
  const span = query.get('span') ?? (filter.account ? '30' : '1');
  const cursor = query.get('cursor');
  // The span ends now, wherever the pages of the list begin: it must not move between them.
  const [now] = useState(Date.now());
  const from =
    query.get('from') ?? (span === 'all' ? '' : new Date(now - Number(span) * dayMs).toISOString());
  const wanted = { ...filter, ...(from === '' ? {} : { from }) };
  const { data, error, isLoading } = useLoaded(
    /** @returns {Promise<{ records: readonly AuditRecord[], cursor: string | null }>} */
    (signal) => {
      const page = { limit: String(pageSize), ...(cursor === null ? {} : { cursor }) };
      return api('GET', `/audit?${new URLSearchParams({ ...wanted, ...page })}`, { signal });
    },
    [query.toString()],
  );
  const records = data?.records ?? [];
  const next = data?.cursor ?? null;
  const nextQuery = new URLSearchParams({ ...filter, span, from, cursor: next ?? '' });
  const firstQuery = new URLSearchParams({ ...filter, span });
  return html`
    <${Heading} title="Audit" />
    <${Search} key=${query.toString()} filter=${filter} span=${span} />
    <${Export} wanted=${wanted} />
    <${Failure} error=${error} />
    <p role="status" class="soft">
      ${isLoading ? 'Reading …' : `${countOf(records.length, 'record')}${next !== null || cursor !== null ? ' on this page' : ''}, oldest first`}
    </p>
    ${records.length > 0 && html`<${Records} records=${records} />`}
    <nav aria-label="Pages of the trail" class="row">
      ${
        cursor !== null &&
        html`<a class="button" href=${`/admin/audit?${firstQuery}`}>First page</a>
          <button onClick=${() => history.back()}>Previous page</button>`
      }
      ${next !== null && html`<a class="button" href=${`/admin/audit?${nextQuery}`}>Next page</a>`}
    </nav>
  `;
}

/** @param {{ filter: Record<string, string>, span: string }} props */
function Search({ filter, span }) {
  const [wanted, setWanted] = useState(/** @type {Record<string, string>} */ ({ ...filter, span }));
  /** @param {string} name */
  const bind = (name) => ({
    name,
    value: wanted[name] ?? '',
    onInput: (/** @type {FieldEvent} */ event) => setWanted({ ...wanted, [name]: event.target.value }),
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    go(
      `/admin/audit?${new URLSearchParams(Object.entries(wanted).filter(([, value]) => value.trim() !== ''))}`,
    );
  };
  return html`<form class="card stack" role="search" onSubmit=${submit}>
    <div class="fields">
      <${Field} label="When" ...${bind('span')}>
        ${spans.map(([value, label]) => html`<option value=${value}>${label}</option>`)}
      <//>
      <${Field} label="What" ...${bind('event')}>
        <option value="">Anything</option>
        ${Object.entries(events).map(([event, words]) => html`<option value=${event}>${words}</option>`)}
      <//>
      <${Field} label="Whom" ...${bind('account')} placeholder="Extension, address, id" />
      <${Field} label="Who" ...${bind('actor')} placeholder="Name of a token" />
    </div>
    <div class="row"><button class="primary">Search</button></div>
  </form>`;
}

/** @param {{ wanted: Record<string, string> }} props */
function Export({ wanted }) {
  const { error, isBusy, run } = useWork();
  const [checked, setChecked] = useState(
    /** @type {{ intact: boolean, records: number, problem: string | null } | null} */ (null),
  );
  const save = () =>
    run(async () => {
      const response = await request('GET', `/audit?${new URLSearchParams(wanted)}`, {
        headers: { accept: 'application/x-ndjson' },
      });
      download('audit.ndjson', 'application/x-ndjson', await response.blob());
    });
  const verify = () => run(async () => setChecked(await api('GET', '/audit/verification')));
  return html`<div class="stack tight">
    <div class="row">
      <button onClick=${save} disabled=${isBusy}>Download these (NDJSON)</button>
      <button onClick=${verify} disabled=${isBusy}>Check that the trail is whole</button>
    </div>
    <${Failure} error=${error} />
    <${Notice} kind=${checked?.intact === false ? 'bad' : 'good'}>
      ${
        checked !== null &&
        (checked.intact
          ? `All ${count(checked.records)} records are whole: none was altered or removed.`
          : `The trail is not whole: ${checked.problem}.`)
      }
    <//>
  </div>`;
}

/** @param {{ records: readonly AuditRecord[] }} props */
function Records({ records }) {
  const names = useNames(records);
  return html`<div class="table-wrap" tabindex="0" role="region" aria-label="Records">
    <table>
      <caption class="visually-hidden">
        Records of the audit trail
      </caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Whom</th>
          <th scope="col">Who</th>
          <th scope="col">Outcome</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        ${records.map(
          (record) => html`<tr key=${record.hash}>
            <td class="number nowrap">${time(record.at)}</td>
            <td>${eventWords(record.event)}</td>
            <td class="wrap">${whom(record, names)}</td>
            <td class="wrap">
              <bdi>${record.actor.name}</bdi>
              ${record.actor.from !== null && html`<div class="soft small">${record.actor.from}</div>`}
            </td>
            <td>
              ${record.outcome === 'done' ? 'Done' : html`<span class="badge warn">Refused</span>`}
            </td>
            <td class="wrap small"><bdi>${detailWords(record.details)}</bdi></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/**
 * The names of the users in the records, by their ids, as far as they are still there and may be read.
 * @param {readonly AuditRecord[]} records
 */
function useNames(records) {
  const ids = [...new Set(records.flatMap(({ accountId }) => accountId ?? []))];
  const { data } = useLoaded(
    async (signal) => {
      /** @type {Map<string, string>} */
      const names = new Map();
      if (!may('users.read')) return names;
      await Promise.all(
        ids.map(async (id) => {
          /** @type {Promise<{ displayName: string | null, extension: string }>} */
          const asked = api('GET', `/users/${id}`, { signal });
          const user = await asked.catch(() => null);
          if (user !== null) names.set(id, user.displayName ?? `Extension ${user.extension}`);
        }),
      );
      return names;
    },
    [ids.join()],
  );
  return data;
}

/** @param {AuditRecord} record @param {Map<string, string> | null} names */
function whom({ accountId, subject }, names) {
  if (accountId === null) return html`<bdi>${subject ?? ''}</bdi>`;
  const name = names?.get(accountId);
  if (name === undefined) return html`<bdi>${subject ?? `${accountId.slice(0, 8)}…`}</bdi>`;
  return html`<a href=${`/admin/users/${accountId}`}><bdi>${name}</bdi></a>`;
}

/** @param {unknown} details */
function detailWords(details) {
  if (details === null || typeof details !== 'object') return '';
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== false)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('; ');
}
