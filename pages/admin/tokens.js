/** The tokens of the API, which also sign in to these pages. */
import { CopyButton, Dialog, Failure, Field, Heading, useLoaded, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { time } from '../shared/words.js';
import { api, may } from './session.js';

/** @import { FieldEvent } from '../shared/parts.js' */

/**
 * @typedef {object} Token
 * @property {string} id
 * @property {string} name
 * @property {keyof typeof roles} role
 * @property {string | null} scope
 * @property {boolean} mayIgnoreScope
 * @property {string} createdAt
 * @property {string | null} expiresAt
 */

const roles = {
  viewer: 'Viewer: looks at users and the status of PINs',
  helpdesk: 'Help desk: also resets, locks and unlocks',
  admin: 'Administrator: everything',
  auditor: 'Auditor: reads the audit trail alone',
};

const lifetimes = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
  ['', 'Never'],
];

export function Tokens() {
  const { data, error, reload } = useLoaded((signal) => loadAll(signal), []);
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState(/** @type {Token | null} */ (null));
  return html`
    <${Heading} title="Tokens">
      ${may('tokens.create') && html`<button class="primary" onClick=${() => setMaking(true)}>New token …</button>`}
    <//>
    <p class="soft">A token is for one person or one program. Whoever has it may do what its role may. ADMIN_TOKEN is not listed here.</p>
    <${Failure} error=${error} />
    ${
      data !== null &&
      (data.length === 0
        ? html`<p>There are none yet.</p>`
        : html`<div class="table-wrap" tabindex="0" role="region" aria-label="Tokens">
            <table>
              <caption class="visually-hidden">
                Tokens, without their secrets
              </caption>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Role</th>
                  <th scope="col">Scope</th>
                  <th scope="col">Made</th>
                  <th scope="col">Expires</th>
                  <th scope="col"><span class="visually-hidden">Actions</span></th>
                </tr>
              </thead>
              <tbody>
                ${data.map(
                  (token) => html`<tr key=${token.id}>
                    <th scope="row" class="wrap">${token.name}</th>
                    <td>${roles[token.role].split(':')[0]}</td>
                    <td class="wrap">
                      <bdi>${token.scope ?? 'Everyone'}</bdi>${token.mayIgnoreScope && token.scope !== null && html`<div class="soft small">May step out of it by DN</div>`}
                    </td>
                    <td class="number">${time(token.createdAt)}</td>
                    <td class="number">
                      ${time(token.expiresAt)}
                      ${isPast(token.expiresAt) && html` <span class="badge warn">Expired</span>`}
                    </td>
                    <td>
                      ${
                        may('tokens.revoke') &&
                        html`<button aria-label=${`Revoke ${token.name}`} onClick=${() => setRevoked(token)}>Revoke …</button>`
                      }
                    </td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`)
    }
    ${isMaking && html`<${NewToken} onClose=${() => setMaking(false)} onMade=${reload} />`}
    ${revoked !== null && html`<${Revoke} token=${revoked} onClose=${() => setRevoked(null)} onDone=${reload} />`}
  `;
}

/** @param {AbortSignal} signal @returns {Promise<readonly Token[]>} */
async function loadAll(signal) {
  /** @type {Token[]} */
  const tokens = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    const query = { limit: '1000', ...(cursor === null ? {} : { cursor }) };
    /** @type {{ tokens: readonly Token[], cursor: string | null }} */
    const page = await api('GET', `/tokens?${new URLSearchParams(query)}`, { signal });
    tokens.push(...page.tokens);
    cursor = page.cursor;
  } while (cursor !== null);
  return tokens.sort((a, b) => a.name.localeCompare(b.name));
}

/** @param {string | null} iso */
function isPast(iso) {
  return iso !== null && Date.parse(iso) <= Date.now();
}

/** @param {{ onClose: () => void, onMade: () => void }} props */
function NewToken({ onClose, onMade }) {
  const [values, setValues] = useState({ name: '', role: 'helpdesk', scope: '', days: '90' });
  const [made, setMade] = useState(/** @type {{ name: string, token: string } | null} */ (null));
  const { error, isBusy, run } = useWork();
  /** @param {keyof typeof values} name */
  const bind = (name) => ({
    name,
    value: values[name],
    onInput: (/** @type {FieldEvent} */ event) => setValues({ ...values, [name]: event.target.value }),
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const { name, role, scope, days } = values;
    const body = {
      name: name.trim(),
      role,
      scope: scope.trim() === '' ? null : scope.trim(),
      expiresInDays: days === '' ? null : Number(days),
    };
    run(async () => {
      setMade(await api('POST', '/tokens', { body }));
      onMade();
    });
  };
  if (made !== null) {
    return html`<${Dialog} title="The token is made" onClose=${onClose}>
      <p>This is the only time that it is shown. Hand it over on a safe way.</p>
      <p class="card mono token" data-testid="token">${made.token}</p>
      <div class="row"><${CopyButton} text=${made.token} label="Copy the token" /></div>
      <div class="row"><button class="primary" onClick=${onClose}>Close</button></div>
    <//>`;
  }
  return html`<${Dialog} title="New token" onClose=${onClose}>
    <form class="stack" onSubmit=${submit}>
      <${Field} label="Name" required autocomplete="off" ...${bind('name')} hint="Whoever uses it. It stands in the audit trail." />
      <${Field} label="Role" ...${bind('role')}>
        ${Object.entries(roles).map(([role, words]) => html`<option value=${role}>${words}</option>`)}
      <//>
      <${Field} label="Organisational unit" ...${bind('scope')} autocomplete="off" placeholder="OU=Sales,DC=example" hint="Empty: everyone. Otherwise this unit and below." />
      <${Field} label="Expires in" ...${bind('days')}>
        ${lifetimes.map(([days, words]) => html`<option value=${days}>${words}</option>`)}
      <//>
      <${Failure} error=${error} />
      <div class="row">
        <button class="primary" disabled=${isBusy}>Make the token</button>
        <button type="button" onClick=${onClose}>Cancel</button>
      </div>
    </form>
  <//>`;
}

/** @param {{ token: Token, onClose: () => void, onDone: () => void }} props */
function Revoke({ token, onClose, onDone }) {
  const { error, isBusy, run } = useWork();
  const revoke = () =>
    run(async () => {
      await api('DELETE', `/tokens/${token.id}`);
      onDone();
      onClose();
    });
  return html`<${Dialog} title=${`Revoke ${token.name}?`} onClose=${onClose}>
    <p>Whoever uses it is shut out at once, and sessions that were begun with it end. This can not be taken back.</p>
    <${Failure} error=${error} />
    <div class="row">
      <button class="danger" disabled=${isBusy} onClick=${revoke}>Revoke</button>
      <button onClick=${onClose}>Cancel</button>
    </div>
  <//>`;
}
