/** The administrators' pages: who is signed in, the way around, and the page that the address names. */
import { Failure, Heading } from '../shared/parts.js';
import { html, render, useEffect, useState } from '../shared/view.js';
import { followLinks, go, useAddress } from './navigation.js';
import { may, onSessionEnd, readSession, signOut } from './session.js';
import { SignIn } from './sign-in.js';

/** @import { Session } from './session.js' */

/**
 * @typedef {object} PageProps
 * @property {readonly string[]} parts the groups of the page's path
 * @property {URLSearchParams} query
 * @property {Session} session
 */

/** @typedef {(props: PageProps) => unknown} Component */

/**
 * @typedef {object} Page
 * @property {RegExp} path what follows /admin; its groups are handed to the page
 * @property {string} operation what the role must be allowed
 * @property {() => Promise<Component>} load the page's component
 * @property {string} [label] its name in the navigation
 * @property {string} [section] the name that it belongs to there, if it has none of its own
 */

/** @type {readonly Page[]} */
const pages = [
  {
    path: /^overview$/,
    operation: 'statistics.read',
    label: 'Overview',
    load: async () => (await import('./overview.js')).Overview,
  },
  {
    path: /^users$/,
    operation: 'users.list',
    label: 'Users',
    load: async () => (await import('./users.js')).Users,
  },
  {
    path: /^users\/new$/,
    section: 'Users',
    operation: 'users.create',
    load: async () => (await import('./user-form.js')).NewUser,
  },
  {
    path: /^users\/([^/]+)$/,
    section: 'Users',
    operation: 'users.read',
    load: async () => (await import('./user.js')).UserPage,
  },
  {
    path: /^users\/([^/]+)\/edit$/,
    section: 'Users',
    operation: 'users.change',
    load: async () => (await import('./user-form.js')).EditUser,
  },
  {
    path: /^bulk$/,
    section: 'Users',
    operation: 'pins.unlock',
    load: async () => (await import('./bulk.js')).Bulk,
  },
  {
    path: /^policies$/,
    operation: 'policies.read',
    label: 'Policies',
    load: async () => (await import('./policies.js')).Policies,
  },
  {
    path: /^policies\/new$/,
    section: 'Policies',
    operation: 'policies.change',
    load: async () => (await import('./policies.js')).NewPolicy,
  },
  {
    path: /^policies\/([^/]+)$/,
    section: 'Policies',
    operation: 'policies.change',
    load: async () => (await import('./policies.js')).EditPolicy,
  },
  {
    path: /^audit$/,
    operation: 'audit.read',
    label: 'Audit',
    load: async () => (await import('./audit.js')).Audit,
  },
  {
    path: /^tokens$/,
    operation: 'tokens.list',
    label: 'Tokens',
    load: async () => (await import('./tokens.js')).Tokens,
  },
];

const roleNames = { viewer: 'viewer', helpdesk: 'help desk', admin: 'administrator', auditor: 'auditor' };

function App() {
  const [session, setSession] = useState(/** @type {Session | null | undefined} */ (undefined));
  const [reason, setReason] = useState(/** @type {string | null} */ (null));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    onSessionEnd(() => {
      setReason('Your session has ended. Sign in again to go on where you were.');
      setSession(null);
    });
    readSession().then(setSession, setError);
  }, []);

  const leave = () =>
    signOut().then(() => {
      setReason('You are signed out.');
      setSession(null);
      go('/admin');
    }, setError);

  if (session === undefined) {
    return html`<main class="narrow" id="main" aria-busy=${error === null}><${Failure} error=${error} /></main>`;
  }
  if (session === null) return html`<${SignIn} reason=${reason} onSignIn=${setSession} />`;
  return html`<${Frame} session=${session} onLeave=${leave} error=${error} />`;
}

/** @param {{ session: Session, onLeave: () => void, error: unknown }} props */
function Frame({ session, onLeave, error }) {
  const { path, query } = useAddress();
  const allowed = pages.filter(({ operation }) => may(operation));
  const rest = path.replace(/^\/admin\/?/, '').replace(/\/$/, '');
  const page = rest === '' ? allowed.find(({ label }) => label !== undefined) : pageOf(rest, allowed);
  return html`<a class="skip-link" href="#main">Skip to the content</a>
    <header class="top">
      <div class="top-inner">
        <a class="brand" href="/admin"><img src="/assets/icon.svg" alt="" width="24" height="24" />Ringkey</a>
        <nav class="nav" aria-label="Pages">
          <ul>
            ${allowed.map(
              (one) =>
                one.label &&
                html`<li>
                  <a href=${`/admin/${one.label.toLowerCase()}`} aria-current=${one.label === sectionOf(page) ? 'page' : null}>
                    ${one.label}
                  </a>
                </li>`,
            )}
          </ul>
        </nav>
        <div class="who">
          <span>${session.name}<span class="visually-hidden">, </span> <span class="badge">${roleNames[session.role]}</span></span>
          <button class="quiet" onClick=${onLeave}>Sign out</button>
        </div>
      </div>
    </header>
    <main id="main" class="stack" tabindex="-1">
      <${Failure} error=${error} />
      ${
        page === undefined
          ? html`<${Nothing} />`
          : html`<${Loaded} key=${page.path.source + rest} page=${page} parts=${partsOf(page, rest)} query=${query} session=${session} />`
      }
    </main>`;
}

/** @param {PageProps & { page: Page }} props */
function Loaded({ page, parts, query, session }) {
  const [component, setComponent] = useState(/** @type {{ shown: Component } | null} */ (null));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    page.load().then((shown) => setComponent({ shown }), setError);
  }, []);
  if (component === null) return html`<${Failure} error=${error} />`;
  return html`<${component.shown} parts=${parts} query=${query} session=${session} />`;
}

function Nothing() {
  return html`<${Heading} title="Nothing here" />
    <p>There is no such page, or your role may not see it.</p>`;
}

/**
 * @param {string} rest
 * @param {readonly Page[]} allowed
 */
function pageOf(rest, allowed) {
  return allowed.find(({ path }) => path.test(rest));
}

/**
 * @param {Page} page
 * @param {string} rest
 */
function partsOf({ path }, rest) {
  return (path.exec(rest) ?? []).slice(1).map((part) => decodeURIComponent(part ?? ''));
}

/** The entry of the navigation that a page belongs to. @param {Page | undefined} page */
function sectionOf(page) {
  return page?.label ?? page?.section;
}

followLinks();
const root = document.getElementById('app');
if (root !== null) render(html`<${App} />`, root);
