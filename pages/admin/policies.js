/** The policies side by side, and the change of one. */
import { Choice, Dialog, Failure, Field, Heading, Notice, useLoaded, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { count, countOf } from '../shared/words.js';
import { go } from './navigation.js';
import { settingGroups } from './policy-settings.js';
import { api, may, request } from './session.js';

/** @import { ChoiceEvent, FieldEvent } from '../shared/parts.js' */
/** @import { Setting } from './policy-settings.js' */

/** @typedef {{ name: string, units: readonly string[], mailText?: string | null, [setting: string]: unknown }} Policy */

/** @typedef {Policy & { affected: { users: number, mustChange: number, locked: number } }} Plan */

export function Policies() {
  const { data, error } = useLoaded(loadAll, []);
  return html`
    <${Heading} title="Policies">
      ${may('policies.change') && html`<a class="button primary" href="/admin/policies/new">New policy</a>`}
    <//>
    <p class="soft">
      A user’s own policy goes first, then that of the deepest unit, else <b>default</b>. A change holds from the next
      sign-in on.
    </p>
    <${Failure} error=${error} />
    ${data !== null && html`<${SideBySide} policies=${data} />`}
  `;
}

/** @param {AbortSignal} signal @returns {Promise<readonly Policy[]>} */
async function loadAll(signal) {
  /** @type {{ policies: readonly Policy[] }} */
  const { policies } = await api('GET', '/policies', { signal });
  return policies;
}

/** @param {{ policies: readonly Policy[] }} props */
function SideBySide({ policies }) {
  return html`<div class="table-wrap" tabindex="0" role="region" aria-label="Policies side by side">
    <table class="policies">
      <caption class="visually-hidden">
        Policies side by side: a row for each setting
      </caption>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          ${policies.map(
            ({ name }) => html`<th scope="col" class="figure">
              ${may('policies.change') ? html`<a href=${`/admin/policies/${name}`}>${name}</a>` : name}
            </th>`,
          )}
        </tr>
      </thead>
      ${settingGroups.map(
        ({ title, settings }) => html`<tbody>
          <tr class="group">
            <th colspan=${policies.length + 1} scope="rowgroup">${title}</th>
          </tr>
          ${settings.map(
            ({ name, label, hint }) => html`<tr>
              <th scope="row">
                ${label}
                <div class="soft small">${hint}</div>
              </th>
              ${policies.map((policy) => html`<td class="figure">${valueWords(policy[name])}</td>`)}
            </tr>`,
          )}
        </tbody>`,
      )}
      <tbody>
        <tr>
          <th scope="row">Organisational units</th>
          ${policies.map(
            ({ units }) =>
              html`<td class="wrap small figure">${units.length === 0 ? '–' : units.map((unit) => html`<div><bdi>${unit}</bdi></div>`)}</td>`,
          )}
        </tr>
      </tbody>
    </table>
  </div>`;
}

/** @param {unknown} value of a setting: a number, or whether something holds */
function valueWords(value) {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return count(Number(value));
}

export function NewPolicy() {
  const { data, error } = useLoaded(loadAll, []);
  const [preset, setPreset] = useState('default');
  const [name, setName] = useState('');
  const start = data?.find((one) => one.name === preset);
  return html`
    <p class="crumbs"><a href="/admin/policies">Policies</a></p>
    <${Heading} title="New policy" />
    <${Failure} error=${error} />
    <div class="card fields top-aligned">
      <${Field}
        label="Name"
        autocomplete="off"
        required
        value=${name}
        onInput=${(/** @type {FieldEvent} */ event) => setName(event.target.value)}
        hint="1 to 64 of a to z, 0 to 9 and . _ -"
      />
      <${Field} label="Begin with the settings of" value=${preset} onInput=${(/** @type {FieldEvent} */ event) => setPreset(event.target.value)}>
        ${data?.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
      <//>
    </div>
    ${
      start !== undefined &&
      html`<${PolicyForm} key=${preset} policy=${{ ...start, units: [], name: name.trim() }} etag=${'"0"'} />`
    }
  `;
}

/** @param {{ parts: readonly string[] }} props */
export function EditPolicy({ parts: [name = ''] }) {
  const path = `/policies/${encodeURIComponent(name)}`;
  const { data, error } = useLoaded(
    async (signal) => {
      const response = await request('GET', path, { signal });
      /** @type {Policy} */
      const policy = await response.json();
      return { policy, etag: response.headers.get('etag') ?? '*' };
    },
    [name],
  );
  return html`
    <p class="crumbs"><a href="/admin/policies">Policies</a></p>
    <${Heading} title=${`Policy ${name}`}>
      ${data !== null && !presetNames.includes(name) && html`<${Remove} path=${path} name=${name} etag=${data.etag} />`}
    <//>
    <${Failure} error=${error} />
    ${data !== null && html`<${PolicyForm} policy=${data.policy} etag=${data.etag} />`}
  `;
}

/** Those that come with Ringkey stay. */
const presetNames = ['default', 'exchange-um', 'lync'];

/** @param {{ policy: Policy, etag: string }} props */
function PolicyForm({ policy, etag }) {
  const [values, setValues] = useState(
    /** @type {Record<string, unknown>} */ ({ ...policy, units: policy.units.join('\n') }),
  );
  const [plan, setPlan] = useState(/** @type {Plan | null} */ (null));
  const { error, isBusy, run } = useWork();
  const path = `/policies/${encodeURIComponent(policy.name)}`;
  const body = bodyOf(values);
  const headers = { 'if-match': etag };
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    run(async () => setPlan(await api('PUT', `${path}?dryRun=true`, { body, headers })));
  };
  const store = () =>
    run(async () => {
      await api('PUT', path, { body, headers });
      go('/admin/policies');
    });
  /** @param {string} name @param {unknown} value */
  const set = (name, value) => setValues({ ...values, [name]: value });
  return html`<form class="stack" onSubmit=${submit}>
    ${settingGroups.map(
      ({ title, settings }) => html`<fieldset class="card stack">
        <legend class="visually-hidden">${title}</legend>
        <h2 aria-hidden="true">${title}</h2>
        <div class="fields top-aligned broad">
          ${settings.map((setting) => html`<${SettingField} setting=${setting} value=${values[setting.name]} set=${set} />`)}
        </div>
      </fieldset>`,
    )}
    <div class="card stack">
      <div class="field">
        <label for="units">Organisational units</label>
        <textarea
          id="units"
          rows="3"
          aria-describedby="units-hint"
          value=${values.units}
          onInput=${(/** @type {FieldEvent} */ event) => set('units', event.target.value)}
        ></textarea>
        <div class="hint" id="units-hint">A DN a line, such as OU=Sales,DC=example. It holds for them and for what is below.</div>
      </div>
      ${
        'mailText' in policy &&
        html`<div class="field">
          <label for="mail-text">Text for the mails that tell a PIN</label>
          <textarea
            id="mail-text"
            rows="3"
            maxlength="512"
            aria-describedby="mail-text-hint"
            value=${values.mailText ?? ''}
            onInput=${(/** @type {FieldEvent} */ event) => set('mailText', event.target.value)}
          ></textarea>
          <div class="hint" id="mail-text-hint">At most 512 characters, below Ringkey’s own words.</div>
        </div>`
      }
    </div>
    <${Failure} error=${error} />
    <div class="row">
      <button class="primary" disabled=${isBusy || policy.name === ''}>${isBusy ? 'Looking …' : 'What will change?'}</button>
      <a class="button" href="/admin/policies">Cancel</a>
    </div>
    ${plan !== null && html`<${Confirm} before=${policy} plan=${plan} isBusy=${isBusy} error=${error} store=${store} onClose=${() => setPlan(null)} />`}
  </form>`;
}

/** @param {{ setting: Setting, value: unknown, set: (name: string, value: unknown) => void }} props */
function SettingField({ setting: { name, label, hint, min, max }, value, set }) {
  if (min === undefined || max === undefined) {
    return html`<${Choice} label=${label} hint=${hint} checked=${value} onChange=${(/** @type {ChoiceEvent} */ event) => set(name, event.target.checked)} />`;
  }
  return html`<${Field}
    label=${label}
    type="number"
    required
    min=${min}
    max=${max}
    value=${value}
    onInput=${(/** @type {FieldEvent} */ event) => set(name, event.target.value === '' ? '' : Number(event.target.value))}
    hint=${`${count(min)} to ${count(max)}. ${hint}`}
  />`;
}

/** @param {Record<string, unknown>} values */
function bodyOf({ name: _name, units, mailText, ...settings }) {
  const lines = String(units)
    .split('\n')
    .map((unit) => unit.trim())
    .filter((unit) => unit !== '');
  const text = typeof mailText === 'string' && mailText.trim() !== '' ? mailText.trim() : null;
  return { ...settings, units: lines, ...(mailText === undefined ? {} : { mailText: text }) };
}

/**
 * @param {{
 *   before: Policy, plan: Plan, isBusy: boolean, error: unknown, store: () => void, onClose: () => void
 * }} props
 */
function Confirm({ before, plan, isBusy, error, store, onClose }) {
  const { users, mustChange, locked } = plan.affected;
  const changes = settingGroups
    .flatMap(({ settings }) => settings)
    .filter(({ name }) => before[name] !== plan[name]);
  return html`<${Dialog} title="This will change" onClose=${onClose}>
    ${
      changes.length > 0
        ? html`<ul class="plan">
            ${changes.map(({ name, label }) => html`<li>${label}: ${valueWords(before[name])} → <b>${valueWords(plan[name])}</b></li>`)}
          </ul>`
        : html`<p>None of the settings is another one than before.</p>`
    }
    <${Notice} kind=${mustChange + locked > 0 ? 'warn' : 'info'}>
      <p>It holds for ${countOf(users, 'user')}.</p>
      <p><strong>${mustChange === 0 ? 'Nobody' : countOf(mustChange, 'user')} will have to change ${mustChange === 1 ? 'the' : 'their'} PIN</strong> at the next sign-in because of this.</p>
      ${locked > 0 && html`<p><strong>${countOf(locked, 'user')} will be locked</strong>, because nobody used ${locked === 1 ? 'the account' : 'their accounts'} for too long.</p>`}
    <//>
    <${Failure} error=${error} />
    <div class="row">
      <button type="button" class="primary" disabled=${isBusy} onClick=${store}>Store the policy</button>
      <button type="button" onClick=${onClose}>Back</button>
    </div>
  <//>`;
}

/** @param {{ path: string, name: string, etag: string }} props */
function Remove({ path, name, etag }) {
  const [isAsked, setAsked] = useState(false);
  const { error, isBusy, run } = useWork();
  const remove = () =>
    run(async () => {
      await api('DELETE', path, { headers: { 'if-match': etag } });
      go('/admin/policies');
    });
  return html`<button onClick=${() => setAsked(true)}>Remove …</button>
    ${
      isAsked &&
      html`<${Dialog} title=${`Remove ${name}?`} onClose=${() => setAsked(false)}>
        <p>Only a policy that no user and no unit has can be removed.</p>
        <${Failure} error=${error} />
        <div class="row">
          <button class="danger" disabled=${isBusy} onClick=${remove}>Remove</button>
          <button onClick=${() => setAsked(false)}>Cancel</button>
        </div>
      <//>`
    }`;
}
