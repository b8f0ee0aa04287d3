/** Filters of users, as they stand in an address and as they read. */

/** What is either so or not. */
export const flags = [
  { name: 'lockedOut', label: 'Lock', yes: 'Locked', no: 'Not locked' },
  { name: 'pinSet', label: 'PIN', yes: 'Has a PIN', no: 'Has no PIN' },
  { name: 'pinExpired', label: 'Change of PIN', yes: 'Due', no: 'Not due' },
  { name: 'firstTimeUser', label: 'Sign-in', yes: 'Never signed in', no: 'Has signed in' },
];

const texts = ['q', 'displayName', 'ou', 'policy'];

/**
 * The filter that stands in an address.
 * @param {URLSearchParams} query
 * @returns {Record<string, string>}
 */
export function filterFrom(query) {
  const names = [...flags.map(({ name }) => name), ...texts];
  return Object.fromEntries(
    names.map((name) => [name, query.get(name) ?? '']).filter(([, value]) => value !== ''),
  );
}

/**
 * The same as the API takes it in a body.
 * @param {Record<string, string>} filter
 * @returns {Record<string, string | boolean>}
 */
export function filterBody(filter) {
  const isFlag = (/** @type {string} */ name) => flags.some((flag) => flag.name === name);
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [name, isFlag(name) ? value === 'true' : value]),
  );
}

/**
 * What a filter means, a phrase for each part; empty: everyone.
 * @param {Record<string, string>} filter
 */
export function filterWords(filter) {
  const said = flags.flatMap(({ name, yes, no }) =>
    filter[name] === undefined ? [] : [(filter[name] === 'true' ? yes : no).toLowerCase()],
  );
  const due = filter.pinExpired;
  const phrases = said.map((one) =>
    due !== undefined && /^(not )?due$/.test(one) ? `change of PIN ${one}` : one,
  );
  if (filter.q !== undefined) phrases.push(`“${filter.q}” is part of a name or address`);
  if (filter.displayName !== undefined) phrases.push(`the display name is like “${filter.displayName}”`);
  if (filter.ou !== undefined) phrases.push(`in ${filter.ou} and below`);
  if (filter.policy !== undefined) phrases.push(`with the policy “${filter.policy}”`);
  return phrases;
}
