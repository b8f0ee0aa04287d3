/** Choosing one of the policies by its name. */
import { Field, useLoaded } from '../shared/parts.js';
import { html } from '../shared/view.js';
import { api } from './session.js';

/**
 * @param {{ none: string, value: string, [attribute: string]: unknown }} props `none`: what no choice means
 */
export function PolicyChoice({ none, value, ...others }) {
  const { data } = useLoaded(
    /** @returns {Promise<{ policies: readonly { name: string }[] }>} */
    (signal) => api('GET', '/policies', { signal }),
    [],
  );
  const policies = data?.policies ?? [];
  const names = policies.map(({ name }) => name);
  const isListed = value === '' || names.includes(value);
  return html`<${Field} ...${others} value=${value}>
    <option value="">${none}</option>
    ${!isListed && html`<option value=${value}>${value}</option>`}
    ${names.map((name) => html`<option value=${name}>${name}</option>`)}
  <//>`;
}
