/** Changing the PINs of many users: whom, what, how many, and then its progress. */
import { toCsv } from '../shared/csv.js';
import { download } from '../shared/download.js';
import { Choice, Dialog, Failure, Heading, Notice, useWork } from '../shared/parts.js';
import { html, useEffect, useRef, useState } from '../shared/view.js';
import { count, countOf, failures, refusals } from '../shared/words.js';
import { filterBody, filterFrom, filterWords } from './filter.js';
import { go } from './navigation.js';
import { may } from './session.js';
import { countFor, keepWork, keptProgress, keptSelection, keptWork, perform, putAway } from './work.js';

/** @import { RequestError } from '../shared/http.js' */
/** @import { Progress, Work } from './work.js' */

/**
 * @type {Readonly<Record<Work['action'], {
 *   operation: string, label: string, hint: string, verb: string, doing: string, did: string
 * }>>}
 */
const actions = {
  unlock: {
    operation: 'pins.unlock',
    label: 'Unlock',
    hint: 'The PINs stay as they are.',
    verb: 'Unlock',
    doing: 'Unlocking',
    did: 'unlocked',
  },
  lock: {
    operation: 'pins.lock',
    label: 'Lock',
    hint: 'Nobody of them can sign in until unlocked.',
    verb: 'Lock',
    doing: 'Locking',
    did: 'locked',
  },
  expire: {
    operation: 'pins.expire',
    label: 'Require a change of PIN',
    hint: 'At the next sign-in another PIN must be chosen.',
    verb: 'Require a change of',
    doing: 'Requiring a change of',
    did: 'marked for a change',
  },
  reset: {
    operation: 'pins.reset',
    label: 'Reset to generated PINs',
    hint: 'Each gets a PIN of their own. The PINs until now stop working.',
    verb: 'Reset the PINs of',
    doing: 'Resetting the PINs of',
    did: 'reset',
  },
};

/** @param {{ query: URLSearchParams }} props */
export function Bulk({ query }) {
  const [work, setWork] = useState(keptWork());
  if (work !== null) {
    const close = () => {
      putAway();
      setWork(null);
      go('/admin/users');
    };
    return html`<${Running} work=${work} onClose=${close} />`;
  }
  const begin = (/** @type {Work} */ begun) => {
    keepWork(begun);
    setWork(begun);
  };
  return html`<${Planning} query=${query} begin=${begin} />`;
}

/** @param {{ query: URLSearchParams, begin: (work: Work) => void }} props */
function Planning({ query, begin }) {
  const selection = query.get('selection') === 'true' ? keptSelection() : null;
  const filter = filterFrom(query);
  const allowed = /** @type {Work['action'][]} */ (Object.keys(actions)).filter((one) =>
    may(actions[one].operation),
  );
  const [action, setAction] = useState(allowed[0] ?? 'unlock');
  const [sends, setSends] = useState(true);
  const [reveals, setReveals] = useState(false);
  const [mustChange, setMustChange] = useState(true);
  const [counted, setCounted] = useState(/** @type {number | null} */ (null));
  const { error, isBusy, run } = useWork();
  const body = {
    filter: selection === null ? filterBody(filter) : { ids: selection.map(({ id }) => id) },
    ...(action === 'reset' ? { pinExpired: mustChange, sendEmail: sends, reveal: reveals } : {}),
  };
  const words =
    selection === null
      ? filterWords(filter).join('; ') || 'everyone'
      : countOf(selection.length, 'selected user');
  const back = selection === null ? `/admin/users?${new URLSearchParams(filter)}` : '/admin/users';

  return html`
    <p class="crumbs"><a href="/admin/users">Users</a></p>
    <${Heading} title="Change many" />
    <section class="card stack" aria-labelledby="whom">
      <h2 id="whom">Whom</h2>
      <p>
        ${
          selection === null
            ? html`All users that fit: <strong><bdi>${words}</bdi></strong>.`
            : html`<strong>${words}</strong>: <bdi>${selection
                .slice(0, 10)
                .map(({ name }) => name)
                .join(', ')}</bdi>${selection.length > 10 && ', …'}`
        }
        ${' '}<a href=${back}>Choose others</a>
      </p>
    </section>
    <form
      class="card stack"
      onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        run(async () => setCounted(await countFor(action, body)));
      }}
    >
      <fieldset class="stack tight">
        <legend><h2>What</h2></legend>
        ${allowed.map(
          (one) => html`<${Choice}
            type="radio"
            name="action"
            label=${actions[one].label}
            hint=${actions[one].hint}
            checked=${action === one}
            onChange=${() => setAction(one)}
          />`,
        )}
      </fieldset>
      ${
        action === 'reset' &&
        html`<fieldset class="stack tight">
          <legend>The new PINs</legend>
          <${Choice} label="Require a change at the next sign-in" checked=${mustChange} onChange=${() => setMustChange(!mustChange)} />
          <${Choice} label="Send each by e-mail" hint="Users without an address are passed over, unless the PINs are shown." checked=${sends} onChange=${() => setSends(!sends)} />
          ${may('pins.reveal') && html`<${Choice} label="Show them to me" hint="Once, as a table to download." checked=${reveals} onChange=${() => setReveals(!reveals)} />`}
        </fieldset>`
      }
      <${Failure} error=${error} />
      <div class="row">
        <button class="primary" disabled=${isBusy}>${isBusy ? 'Counting …' : 'Count them'}</button>
      </div>
    </form>
    ${
      counted !== null &&
      html`<${Confirm}
        action=${action}
        counted=${counted}
        words=${words}
        onClose=${() => setCounted(null)}
        onConfirm=${() =>
          begin({ key: crypto.randomUUID(), action, words, body: { ...body, expectedCount: counted } })}
      />`
    }
  `;
}

/**
 * @param {{
 *   action: Work['action'], counted: number, words: string, onClose: () => void, onConfirm: () => void
 * }} props
 */
function Confirm({ action, counted, words, onClose, onConfirm }) {
  const { verb, hint } = actions[action];
  const whom = countOf(counted, 'user');
  if (counted === 0) {
    return html`<${Dialog} title="Nobody fits" onClose=${onClose}>
      <p>There is nothing to do.</p>
      <div class="row"><button class="primary" onClick=${onClose}>Close</button></div>
    <//>`;
  }
  return html`<${Dialog} title=${`${verb} ${whom}?`} onClose=${onClose}>
    <p><bdi>${words}</bdi>: ${whom}. ${hint}</p>
    <p class="soft">If by then another number fits, nobody is changed. What is done can not be taken back as a whole.</p>
    <div class="row">
      <button class=${action === 'unlock' ? 'primary' : 'danger'} onClick=${onConfirm}>${verb} ${whom}</button>
      <button onClick=${onClose}>Cancel</button>
    </div>
  <//>`;
}

/** @param {{ work: Work, onClose: () => void }} props */
function Running({ work, onClose }) {
  const [progress, setProgress] = useState(/** @type {Progress} */ (keptProgress()));
  const [isGoing, setGoing] = useState(!progress.isDone);
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const [isSaved, setSaved] = useState(false);
  const stop = useRef(/** @type {AbortController | null} */ (null));
  const hasBegun = progress.finished.length > 0;
  const [isResumed] = useState(hasBegun);

  const start = () => {
    const stopping = new AbortController();
    stop.current = stopping;
    setGoing(true);
    setError(null);
    perform(work, setProgress, stopping.signal)
      .catch((failure) => stopping.signal.aborted || setError(failure))
      .finally(() => setGoing(false));
  };
  useEffect(() => {
    if (isGoing) start();
    return () => stop.current?.abort();
  }, []);
  const mayLose = progress.pins.length > 0 && !isSaved;
  useEffect(() => {
    if (!mayLose) return;
    /** @param {BeforeUnloadEvent} event */
    const warn = (event) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [mayLose]);

  const { doing, did } = actions[work.action];
  const total = work.body.expectedCount;
  // What Ringkey did between the last line that was read and a reload is told by no line: it fits the filter no more.
  const finished = progress.isDone ? total : Math.min(progress.finished.length, total);
  const failed = progress.failed.length;
  const problem =
    error instanceof Error && 'problem' in error ? /** @type {RequestError} */ (error).problem : null;
  const differs = problem?.code === 'count_differs' ? (problem.count ?? 0) : null;
  const untold = work.body.reveal ? finished - failed - progress.pins.length : 0;
  const state = progress.isDone ? 'Done' : isGoing ? `${doing} ${countOf(total, 'user')}` : 'Stopped';
  const save = () => {
    const rows = [['extension', 'pin'], ...progress.pins.map(({ extension, pin }) => [extension, pin])];
    download('pins.csv', 'text/csv;charset=utf-8', toCsv(rows));
    setSaved(true);
  };

  return html`
    <${Heading} title=${state} />
    <section class="card stack" aria-label="Progress">
      <p><bdi>${work.words}</bdi></p>
      <progress max=${total} value=${finished} aria-label="Progress"></progress>
      <p role="status" class="number">
        ${
          progress.isDone
            ? `${count(finished - failed)} ${did}, ${count(failed)} failed.`
            : `${count(finished)} of ${count(total)}`
        }
      </p>
      ${isResumed && isGoing && html`<p class="soft">Going on where it was before the page was left.</p>`}
      ${
        differs === null
          ? html`<${Failure} error=${error} />`
          : html`<${Notice} kind="bad">
              By now ${countOf(differs, 'user fits', 'users fit')}. Nobody was changed: close this, and count again.
            <//>`
      }
      ${
        untold > 0 &&
        html`<${Notice} kind="warn">
          ${countOf(untold, 'PIN')} ${untold === 1 ? 'was' : 'were'} set before this page was loaded again, and can not be shown any more.
          Reset once more whom it concerns to see new ones.
        <//>`
      }
      <div class="row">
        ${isGoing && html`<button onClick=${() => stop.current?.abort()}>Stop</button>`}
        ${!isGoing && !progress.isDone && differs === null && html`<button class="primary" onClick=${start}>Go on</button>`}
        ${progress.pins.length > 0 && html`<button class="primary" onClick=${save}>Download ${countOf(progress.pins.length, 'PIN')} (CSV)</button>`}
        ${!isGoing && html`<button onClick=${onClose}>Close</button>`}
      </div>
      ${mayLose && html`<p class="soft small">The PINs are nowhere but on this page. Download them before you leave it.</p>`}
    </section>
    ${failed > 0 && html`<${Failed} failed=${progress.failed} />`}
  `;
}

/** @param {{ failed: Progress['failed'] }} props */
function Failed({ failed }) {
  return html`<section class="stack tight" aria-labelledby="failed">
    <h2 id="failed">Failed</h2>
    <div class="table-wrap">
      <table>
        <caption class="visually-hidden">
          Users who could not be changed, and why
        </caption>
        <thead>
          <tr>
            <th scope="col">Extension</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          ${failed.map(
            ({ extension, userId, code }) => html`<tr>
              <th scope="row" class="number"><a href=${`/admin/users/${userId}`}>${extension}</a></th>
              <td>${failures[code] ?? (refusals[code] ? `The PIN ${refusals[code]}` : code)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
