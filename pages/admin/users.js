/** The list of users. */
import { Failure, Field, Heading, useLoaded } from '../shared/parts.js';
import { html, useEffect, useState } from '../shared/view.js';
import { countOf, time } from '../shared/words.js';
import { filterFrom, flags } from './filter.js';
import { go } from './navigation.js';
import { PolicyChoice } from './policy-choice.js';
import { api, may } from './session.js';
import { StatusBadges } from './status.js';
import { keepSelection } from './work.js';

/** @import { FieldEvent } from '../shared/parts.js' */
/** @import { User } from './status.js' */

const pageSize = 50;

/** The filters that are wanted most. */
const shortcuts = [
  ['Everyone', ''],
  ['Locked', 'lockedOut=true'],
  ['No PIN', 'pinSet=false'],
  ['Change due', 'pinExpired=true'],
  ['Never signed in', 'firstTimeUser=true'],
];

/** @param {{ query: URLSearchParams }} props */
export function Users({ query }) {
  const cursor = query.get('cursor');
  const filter = filterFrom(query);
  const search = new URLSearchParams(filter).toString();
  const { data, error, isLoading } = useLoaded(
    /** @returns {Promise<{ users: readonly User[], cursor: string | null }>} */
    (signal) => {
      const page = { limit: String(pageSize), ...(cursor === null ? {} : { cursor }) };
      return api('GET', `/users?${new URLSearchParams({ ...filter, ...page })}`, { signal });
    },
    [search, cursor],
  );
  const users = data?.users ?? [];
  const next = data?.cursor ?? null;
  return html`
    <${Heading} title="Users">
      ${may('users.create') && html`<a class="button primary" href="/admin/users/new">New user</a>`}
    <//>
    <nav aria-label="Common filters" class="row shortcuts">
      ${shortcuts.map(
        ([label, wanted]) => html`<a
          class="button"
          href=${`/admin/users${wanted && `?${wanted}`}`}
          aria-current=${search === wanted ? 'true' : null}
          >${label}</a
        >`,
      )}
    </nav>
    <${Search} key=${search} filter=${filter} />
    <${Failure} error=${error} />
    <${Found} key=${`${search} ${cursor}`} users=${users} search=${search} isLoading=${isLoading} isFirst=${cursor === null} hasMore=${next !== null} />
    <nav aria-label="Pages of the list" class="row">
      ${
        cursor !== null &&
        html`<a class="button" href=${`/admin/users${search && `?${search}`}`}>First page</a>
          <button onClick=${() => history.back()}>Previous page</button>`
      }
      ${
        next !== null &&
        html`<a class="button" href=${`/admin/users?${new URLSearchParams({ ...filter, cursor: next })}`}>Next page</a>`
      }
    </nav>
  `;
}

/** @param {{ filter: Record<string, string> }} props */
function Search({ filter }) {
  const [wanted, setWanted] = useState(filter);
  /** @param {string} name */
  const bind = (name) => ({
    name,
    value: wanted[name] ?? '',
    onInput: (/** @type {FieldEvent} */ event) => setWanted({ ...wanted, [name]: event.target.value }),
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const given = Object.entries(wanted).filter(([, value]) => value.trim() !== '');
    const search = new URLSearchParams(given).toString();
    go(`/admin/users${search && `?${search}`}`);
  };
  const others = Object.keys(filter).filter((name) => name !== 'q').length;
  return html`<form class="card stack" role="search" onSubmit=${submit}>
    <div class="row search">
      <${Field} label="Search" type="search" ...${bind('q')} placeholder="Name, extension, address, number" />
      <button class="primary">Search</button>
    </div>
    <details open=${others > 0}>
      <summary>More filters${others > 0 && html` <span class="badge">${others} set</span>`}</summary>
      <div class="fields">
        ${flags.map(
          ({ name, label, yes, no }) => html`<${Field} label=${label} ...${bind(name)}>
            <option value="">Any</option>
            <option value="true">${yes}</option>
            <option value="false">${no}</option>
          <//>`,
        )}
        <${Field} label="Display name" ...${bind('displayName')} placeholder="Ada*" hint="* stands for any text" />
        <${Field} label="Organisational unit" ...${bind('ou')} placeholder="OU=Sales,DC=example" hint="This unit and below" />
        <${PolicyChoice} label="Policy" none="Any" ...${bind('policy')} />
      </div>
    </details>
  </form>`;
}

/**
 * @param {{ users: readonly User[], search: string, isLoading: boolean, isFirst: boolean, hasMore: boolean }} props
 */
function Found({ users, search, isLoading, isFirst, hasMore }) {
  const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const mayChange = may('pins.reset') || may('pins.unlock');
  const said = isLoading ? 'Searching …' : summary(users.length, isFirst, hasMore);
  useEffect(() => setChosen(new Set()), [users]);

  /** @param {string} id */
  const toggle = (id) => {
    const others = new Set(chosen);
    if (!others.delete(id)) others.add(id);
    setChosen(others);
  };
  const all = users.length > 0 && chosen.size === users.length;
  const changeChosen = () => {
    keepSelection(users.filter(({ id }) => chosen.has(id)));
    go('/admin/bulk?selection=true');
  };

  return html`
    <div class="row spread">
      <p role="status" class="soft">${said}</p>
      ${
        mayChange &&
        html`<div class="row">
          <button onClick=${changeChosen} disabled=${chosen.size === 0}>
            Change the selected${chosen.size > 0 && ` (${chosen.size})`}
          </button>
          <a class="button" href=${`/admin/bulk?${search}`}>Change all that fit</a>
        </div>`
      }
    </div>
    ${
      users.length > 0 &&
      html`<div class="table-wrap" aria-busy=${isLoading}>
        <table class="users">
          <caption class="visually-hidden">
            Users and the status of their PINs
          </caption>
          <thead>
            <tr>
              ${
                mayChange &&
                html`<th class="tick">
                  <input
                    type="checkbox"
                    aria-label="Select all on this page"
                    checked=${all}
                    onChange=${() => setChosen(new Set(all ? [] : users.map(({ id }) => id)))}
                  />
                </th>`
              }
              <th scope="col">Name</th>
              <th scope="col" class="wide">Extension</th>
              <th scope="col">Status</th>
              <th scope="col" class="wide">Last sign-in</th>
              <th scope="col" class="wide">Policy</th>
            </tr>
          </thead>
          <tbody>
            ${users.map(
              (user) => html`<tr key=${user.id}>
                ${
                  mayChange &&
                  html`<td class="tick">
                    <input
                      type="checkbox"
                      aria-label=${`Select ${nameOf(user)}`}
                      checked=${chosen.has(user.id)}
                      onChange=${() => toggle(user.id)}
                    />
                  </td>`
                }
                <th scope="row" class="wrap">
                  <a href=${`/admin/users/${user.id}`}><bdi>${nameOf(user)}</bdi></a>
                  <div class="soft small narrow">${user.extension}</div>
                  ${user.email !== null && html`<div class="soft small"><bdi>${user.email}</bdi></div>`}
                </th>
                <td class="number wide">${user.extension}</td>
                <td><${StatusBadges} user=${user} status=${user.pin} /></td>
                <td class="wide number">${time(user.pin.lastSignInAt)}</td>
                <td class="wide wrap">${user.pin.policy}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`
    }
  `;
}

/** @param {User} user */
function nameOf({ displayName, extension }) {
  return displayName ?? `Extension ${extension}`;
}

/**
 * @param {number} shown
 * @param {boolean} isFirst
 * @param {boolean} hasMore
 */
function summary(shown, isFirst, hasMore) {
  if (shown === 0) return isFirst ? 'Nobody fits.' : 'There are no more.';
  if (hasMore) return isFirst ? `The first ${shown}` : `The next ${shown}`;
  return isFirst ? countOf(shown, 'user') : `The last ${shown}`;
}
