/** A user's own page: asks for a link, and with the link of a mail, sets a new PIN. */
import { RequestError, send } from '../shared/http.js';
import { html, render, useEffect, useLayoutEffect, useRef, useState } from '../shared/view.js';
import { Ask } from './ask.js';
import { Choose } from './choose.js';
import { languageFor } from './language.js';
import { problemIn } from './problem.js';

/** @import { Language } from './language.js' */
/** @import { OwnAccount } from './choose.js' */

/**
 * A request that brings what shows that it comes from this page.
 * @typedef {<T = unknown>(path: string, body: object) => Promise<T>} Post
 */

/**
 * Takes the link out of the address as soon as it is read, so that it is in no bookmark and on no screen. It is kept with the entry of
 * the tab's history, so that a reload finds it.
 * @returns {string | null}
 */
function takeLink() {
  const given = location.hash.slice(1);
  if (given !== '') history.replaceState({ link: given }, '', location.pathname);
  const kept = history.state?.link;
  return typeof kept === 'string' ? kept : null;
}

/** Forgets the link, once it is good for nothing. */
function dropLink() {
  history.replaceState(null, '', location.pathname);
}

/**
 * The cookie has to be there first; the page can't read it, so the server says what goes with it.
 * @returns {Promise<Post>}
 */
async function visit() {
  const { csrfToken, origin } = await (await send('POST', '/me/visit', { body: {} })).json();
  if (origin !== location.origin) return moveTo(origin);
  return async (path, body) =>
    (await send('POST', `/me${path}`, { body, headers: { 'x-csrf-token': csrfToken } })).json();
}

/**
 * Links lead to one address of the service, and a browser keeps cookies by address: whoever came by another one is moved.
 * @param {string} origin @returns {Promise<never>}
 */
function moveTo(origin) {
  const link = history.state?.link;
  location.replace(`${origin}/me${typeof link === 'string' ? `#${link}` : ''}`);
  return new Promise(() => {});
}

/**
 * @typedef {{ at: 'loading' }
 *   | { at: 'ask', post: Post }
 *   | { at: 'choose', post: Post, link: string, account: OwnAccount }
 *   | { at: 'failed', error: unknown, post: Post | null }} State
 */

/** @param {string | null} link @returns {Promise<State>} */
async function begin(link) {
  /** @type {Post | null} */
  let post = null;
  try {
    post = await visit();
    if (link === null) return { at: 'ask', post };
    return { at: 'choose', post, link, account: await post('/link', { link }) };
  } catch (error) {
    if (error instanceof RequestError && error.code.startsWith('link_')) dropLink();
    return { at: 'failed', error, post };
  }
}

function App() {
  const [state, setState] = useState(/** @type {State} */ ({ at: 'loading' }));
  const round = useRef(0);
  const start = () => {
    round.current += 1;
    const mine = round.current;
    setState({ at: 'loading' });
    begin(takeLink()).then((next) => mine === round.current && setState(next));
  };
  useEffect(() => {
    start();
    // A link that is pasted into the address of this very page loads nothing anew.
    const changed = () => location.hash !== '' && start();
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);

  const language = languageFor(state.at === 'choose' ? state.account.locale : null);
  useLayoutEffect(() => {
    document.documentElement.lang = language.tag;
    document.title = language.words.title;
  }, [language.tag]);
  return html`<main class="me stack" id="main" aria-busy=${state.at === 'loading'}>
    ${view(state, language, setState)}
  </main>`;
}

/** @param {State} state @param {Language} language @param {(state: State) => void} setState */
function view(state, language, setState) {
  const { words } = language;
  switch (state.at) {
    case 'loading':
      return html`<h1>${words.title}</h1><p class="soft" role="status">${words.loading}</p>`;
    case 'ask':
      return html`<${Ask} post=${state.post} words=${words} />`;
    case 'choose':
      return html`<${Choose}
        key=${state.link}
        ...${state}
        language=${language}
        onSet=${dropLink}
        onDead=${(/** @type {unknown} */ error) => {
          dropLink();
          setState({ at: 'failed', error, post: state.post });
        }}
      />`;
    case 'failed':
      return html`<${Failed}
        error=${state.error}
        words=${words}
        onAsk=${state.post && (() => setState(state.post ? { at: 'ask', post: state.post } : state))}
      />`;
  }
}

/** @param {{ error: unknown, words: Language['words'], onAsk: (() => void) | null }} props */
function Failed({ error, words, onAsk }) {
  const isLink = error instanceof RequestError && error.code.startsWith('link_');
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => heading.current?.focus(), []);
  return html`<h1 tabindex="-1" ref=${heading}>${isLink ? words.dead : words.title}</h1>
    <div role="alert"><div class="notice warn">${problemIn(error, words)}</div></div>
    ${onAsk && html`<div class="row"><button class="primary" onClick=${onAsk}>${words.ask.again}</button></div>`}`;
}

const root = document.getElementById('app');
if (root !== null) render(html`<${App} />`, root);
