/** A new user, or another profile for one. */
import { Choice, Failure, Field, Heading, useLoaded, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { go } from './navigation.js';
import { PolicyChoice } from './policy-choice.js';
import { api, request } from './session.js';

/** @import { ChoiceEvent, FieldEvent } from '../shared/parts.js' */
/** @import { Profile } from './status.js' */
/** @import { RequestError } from '../shared/http.js' */

const fields = [
  { name: 'extension', label: 'Extension', required: true, inputmode: 'numeric', hint: '1 to 20 digits' },
  { name: 'displayName', label: 'Display name' },
  { name: 'email', label: 'E-mail', type: 'email', hint: 'PINs are mailed to it' },
  {
    name: 'phoneNumbers',
    label: 'Telephone numbers',
    hint: 'In E.164 form, separated by commas: +14155550100',
  },
  { name: 'dn', label: 'DN', hint: 'CN=Ada,OU=Sales,DC=example: unit and scope follow from it' },
  { name: 'upn', label: 'UPN' },
  { name: 'alias', label: 'Alias' },
  { name: 'sipAddress', label: 'SIP address' },
  { name: 'account', label: 'Account', hint: 'domain\\logon' },
  { name: 'legacyExchangeDn', label: 'Legacy Exchange DN' },
];

const languages = [
  ['en-US', 'English'],
  ['es-ES', 'Spanish'],
  ['fr-FR', 'French'],
  ['de-DE', 'German'],
];

export function NewUser() {
  /** @param {object} body */
  const create = async (body) => {
    /** @type {{ id: string }} */
    const user = await api('POST', '/users', { body });
    go(`/admin/users/${user.id}`);
  };
  return html`
    <p class="crumbs"><a href="/admin/users">Users</a></p>
    <${Heading} title="New user" />
    <p class="soft">A new user has no PIN yet, and can not sign in until one is set.</p>
    <${UserForm} user=${null} save=${create} label="Make the user" back="/admin/users" />
  `;
}

/** @param {{ parts: readonly string[] }} props */
export function EditUser({ parts: [id = ''] }) {
  const path = `/users/${encodeURIComponent(id)}`;
  const { data, error } = useLoaded(
    async (signal) => {
      const response = await request('GET', path, { signal });
      /** @type {Profile} */
      const user = await response.json();
      return { user, etag: response.headers.get('etag') ?? '*' };
    },
    [id],
  );
  if (data === null) return html`<${Heading} title="Edit a user" /><${Failure} error=${error} />`;
  const { user, etag } = data;
  /** @param {object} body */
  const change = async (body) => {
    await api('PATCH', path, { body, headers: { 'if-match': etag } });
    go(`/admin/users/${id}`);
  };
  const name = user.displayName ?? `Extension ${user.extension}`;
  return html`
    <p class="crumbs"><a href="/admin/users">Users</a> / <a href=${`/admin/users/${id}`}><bdi>${name}</bdi></a></p>
    <${Heading} title=${`Edit ${name}`} />
    <${UserForm} user=${user} save=${change} label="Save" back=${`/admin/users/${id}`} />
  `;
}

/**
 * @param {{ user: Profile | null, save: (body: object) => Promise<void>, label: string, back: string }} props
 */
function UserForm({ user, save, label, back }) {
  const [values, setValues] = useState(() => valuesOf(user));
  const { error, isBusy, run } = useWork();
  const problem =
    error instanceof Error && 'problem' in error ? /** @type {RequestError} */ (error).problem : null;
  /** @param {string} name */
  const wrongWith = (name) => {
    if (problem?.code === 'identity_taken' && [name, name.replace(/s$/, '')].includes(problem.field ?? '')) {
      return 'Another user has this already.';
    }
    return problem?.errors?.find(({ field }) => field.split('.')[0] === name)?.problem;
  };
  /** @param {string} name */
  const bind = (name) => ({
    name,
    value: values[name],
    wrong: wrongWith(name),
    onInput: (/** @type {FieldEvent} */ event) => setValues({ ...values, [name]: event.target.value }),
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    run(() => save(bodyOf(values)));
  };
  return html`<form class="card stack" onSubmit=${submit}>
    <div class="fields top-aligned">
      ${fields.map(({ name, ...field }) => html`<${Field} ...${field} ...${bind(name)} autocomplete="off" />`)}
      <${Field} label="Language" ...${bind('locale')}>
        <option value="">The service’s default</option>
        ${languages.map(([tag, language]) => html`<option value=${tag}>${language}</option>`)}
      <//>
      <${PolicyChoice} label="Policy" none="The unit’s, else default" ...${bind('policy')} />
    </div>
    <${Choice}
      label="May sign in"
      hint="A disabled user is told that extension and PIN do not match."
      checked=${values.enabled === 'true'}
      onChange=${(/** @type {ChoiceEvent} */ event) => setValues({ ...values, enabled: String(event.target.checked) })}
    />
    <${Failure} error=${error} />
    <div class="row">
      <button class="primary" disabled=${isBusy}>${label}</button>
      <a class="button" href=${back}>Cancel</a>
    </div>
  </form>`;
}

/**
 * @param {Profile | null} user
 * @returns {Record<string, string>}
 */
function valuesOf(user) {
  const names = [...fields.map(({ name }) => name), 'locale', 'policy'];
  const given = /** @type {Record<string, unknown>} */ ({ ...user });
  const texts = names.map((name) => [name, textOf(given[name])]);
  return { ...Object.fromEntries(texts), enabled: String(user?.enabled ?? true) };
}

/** @param {unknown} value */
function textOf(value) {
  return Array.isArray(value) ? value.join(', ') : String(value ?? '');
}

/** @param {Record<string, string>} values */
function bodyOf({ phoneNumbers = '', enabled, extension = '', ...texts }) {
  const given = Object.entries(texts).map(([name, text]) => [name, text.trim() === '' ? null : text.trim()]);
  return {
    ...Object.fromEntries(given),
    extension: extension.trim(),
    phoneNumbers: phoneNumbers
      .split(',')
      .map((number) => number.trim())
      .filter((number) => number !== ''),
    enabled: enabled === 'true',
  };
}
