/** What a link is for: how the PIN is now, what a new one must be like, and choosing it or having one made up. */
import { RequestError } from '../shared/http.js';
import { Choice, Field, Notice, useWork } from '../shared/parts.js';
import { html, useEffect, useLayoutEffect, useRef, useState } from '../shared/view.js';
import { Done } from './done.js';
import { problemIn } from './problem.js';

/** @import { ChoiceEvent, FieldEvent } from '../shared/parts.js' */
/** @import { Language, Words } from './language.js' */

/**
 * @typedef {object} Status
 * @property {boolean} pinSet
 * @property {boolean} pinExpired
 * @property {boolean} lockedOut
 * @property {string | null} lockReason
 * @property {string | null} lockedUntil
 * @property {string | null} lastChangedAt
 * @property {string | null} expiresAt
 * @property {number} failedAttempts
 * @property {string | null} lastFailedAt
 * @property {string | null} lastSignInAt
 */

/**
 * @typedef {object} OwnAccount
 * @property {string} extension
 * @property {string | null} displayName
 * @property {string | null} locale
 * @property {Status} status
 * @property {{ minLength: number, historyCount: number, allowCommonPatterns: boolean, lifetimeDays: number }} policy
 * @property {string} until
 * @property {string | null} accessNumber
 * @property {string | null} helpContact
 */

/** So long after the last key, the server is asked. */
const restMs = 400;

/**
 * @param {{
 *   post: import('./main.js').Post, link: string, account: OwnAccount, language: Language,
 *   onSet: () => void, onDead: (error: unknown) => void
 * }} props
 */
export function Choose({ post, link, account, language, onSet, onDead }) {
  const [pin, setPin] = useState('');
  const [again, setAgain] = useState('');
  const [isShown, setShown] = useState(false);
  const [done, setDone] = useState(/** @type {{ pin: string | null, status: Status } | null} */ (null));
  const { error, isBusy, run } = useWork();
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const { words } = language;
  const live = useRefusals(post, link, pin, account.policy.minLength);
  useLayoutEffect(() => heading.current?.focus(), []);

  const dead = isDead(error) ? error : isDead(live.error) ? live.error : null;
  useEffect(() => {
    if (dead !== null) onDead(dead);
  }, [dead]);

  if (done !== null) return html`<${Done} done=${done} account=${account} words=${words} />`;

  /** @param {object} choice */
  const set = (choice) =>
    run(async () => {
      setDone(await post('/pin', { link, ...choice }));
      onSet();
    });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (!isBusy) set({ pin, again });
  };
  const refusedAtLast =
    error instanceof RequestError && error.code === 'pin_refused' ? (error.problem.codes ?? []) : [];
  const type = isShown ? 'text' : 'password';
  const typing = {
    type,
    inputmode: 'numeric',
    autocomplete: 'new-password',
    spellcheck: false,
    maxlength: 100,
  };
  const name = account.displayName;
  return html`<h1 tabindex="-1" ref=${heading}>${name === null ? words.title : words.greeting(isolated(name))}</h1>
    <${StatusCard} account=${account} language=${language} />
    <section class="card stack" aria-labelledby="choose">
      <h2 id="choose">${words.chooseTitle}</h2>
      <${Rules} policy=${account.policy} words=${words} />
      <form class="stack" onSubmit=${submit}>
        <${Field}
          label=${words.newPin}
          ...${typing}
          required
          value=${pin}
          onInput=${(/** @type {FieldEvent} */ event) => setPin(event.target.value)}
        />
        <div role="status" class="live small">${said(live, words)}</div>
        <${Field}
          label=${words.again}
          ...${typing}
          required
          value=${again}
          onInput=${(/** @type {FieldEvent} */ event) => setAgain(event.target.value)}
        />
        <${Choice}
          label=${words.show}
          checked=${isShown}
          onChange=${(/** @type {ChoiceEvent} */ event) => setShown(event.target.checked)}
        />
        <${Notice} kind="bad">
          ${
            refusedAtLast.length > 0
              ? html`<${Refused} codes=${refusedAtLast} words=${words} />`
              : error !== null && !isDead(error) && problemIn(error, words)
          }
        <//>
        <button class="primary" aria-disabled=${isBusy}>${isBusy ? words.setting : words.set}</button>
      </form>
      <hr />
      <p>${words.generateHint}</p>
      <div class="row">
        <button type="button" aria-disabled=${isBusy} onClick=${() => !isBusy && set({})}>${words.generate}</button>
      </div>
    </section>
    <p class="soft small">${words.until(language.hour(account.until))}</p>
    ${account.helpContact !== null && html`<p class="soft small">${words.help(isolated(account.helpContact))}</p>`}`;
}

/**
 * What the server says of a PIN while it is typed: once it may be whole, and whoever types rests.
 * @param {import('./main.js').Post} post @param {string} link @param {string} pin @param {number} least
 */
function useRefusals(post, link, pin, least) {
  const none = {
    codes: /** @type {readonly string[] | null} */ (null),
    error: /** @type {unknown} */ (null),
  };
  const [state, setState] = useState(none);
  useEffect(() => {
    setState(none);
    if (pin.length < least) return;
    let isOver = false;
    const timer = setTimeout(() => {
      /** @type {Promise<{ codes: readonly string[] }>} */
      const checked = post('/check', { link, pin });
      checked.then(
        ({ codes }) => isOver || setState({ codes, error: null }),
        (error) => isOver || setState({ codes: null, error }),
      );
    }, restMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [pin]);
  return state;
}

/** @param {{ codes: readonly string[] | null }} live @param {Words} words */
function said({ codes }, words) {
  if (codes === null) return null;
  if (codes.length > 0)
    return html`<div class="notice warn"><${Refused} codes=${codes} words=${words} /></div>`;
  return html`<div class="notice good">${words.accepted}</div>`;
}

/** @param {{ codes: readonly string[], words: Words }} props */
function Refused({ codes, words }) {
  const refusals = /** @type {Readonly<Record<string, string>>} */ (words.refusals);
  const [only] = codes;
  if (codes.length === 1) return html`${words.refused} ${refusals[only ?? ''] ?? only}`;
  return html`${words.refused}<ul>${codes.map((code) => html`<li>${refusals[code] ?? code}</li>`)}</ul>`;
}

/** @param {{ policy: OwnAccount['policy'], words: Words }} props */
function Rules({ policy, words: { rules, rulesTitle } }) {
  const { minLength, historyCount, allowCommonPatterns, lifetimeDays } = policy;
  const lines = [
    rules.length(minLength),
    rules.personal,
    ...(allowCommonPatterns ? [] : [rules.patterns]),
    ...(historyCount > 0 ? [rules.history(historyCount)] : []),
    ...(lifetimeDays > 0 ? [rules.lifetime(lifetimeDays)] : []),
  ];
  return html`<div>
    <p>${rulesTitle}</p>
    <ul class="rules">${lines.map((line) => html`<li>${line}</li>`)}</ul>
  </div>`;
}

/** @param {{ account: OwnAccount, language: Language }} props */
function StatusCard({ account: { extension, status }, language: { words, time } }) {
  /** @param {string | null} iso */
  const said = (iso) => (iso === null ? words.sinceUnknown : time(iso));
  const reasons = /** @type {Readonly<Record<string, string>>} */ (words.lockReasons);
  const why = reasons[status.lockReason ?? ''] ?? '';
  const until = status.lockedUntil === null ? null : time(status.lockedUntil);
  return html`<section class="card stack tight" aria-labelledby="status">
    <h2 id="status">${words.statusTitle}</h2>
    <dl class="facts">
      <dt>${words.extension}</dt>
      <dd>${extension}</dd>
      <dt>${words.pin}</dt>
      <dd>${!status.pinSet ? words.pinNone : status.pinExpired ? words.pinDue : words.pinSet(said(status.lastChangedAt))}</dd>
      ${status.expiresAt !== null && html`<dt>${words.expires}</dt><dd>${time(status.expiresAt)}</dd>`}
      <dt>${words.lock}</dt>
      <dd>
        ${
          status.lockedOut
            ? `${words.locked(why, until)}. ${status.lockReason === 'failures' ? words.liftsLock : words.keepsLock}`
            : words.notLocked
        }
      </dd>
      <dt>${words.failed}</dt>
      <dd>${status.failedAttempts}${status.lastFailedAt !== null && status.failedAttempts > 0 ? `, ${time(status.lastFailedAt)}` : ''}</dd>
      <dt>${words.lastSignIn}</dt>
      <dd>${said(status.lastSignInAt)}</dd>
    </dl>
  </section>`;
}

/** Whether a link is good for nothing any more. @param {unknown} error */
function isDead(error) {
  return error instanceof RequestError && error.code.startsWith('link_');
}

/** Keeps the direction of what others wrote to itself (Unicode's first strong isolate). @param {string} text */
function isolated(text) {
  return `\u2068${text}\u2069`;
}
