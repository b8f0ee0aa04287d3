/** What goes on behind the call, for those who build with it: each webhook, the TwiML it was answered with, and the state. */
import { html } from '../shared/view.js';

/** @import { ShownEnd, ShownState, ShownStep } from '../../src/web/phone/messages.ts' */

/** @param {{ steps: readonly ShownStep[], end: ShownEnd | null }} props the latest step is shown first */
export function Steps({ steps, end }) {
  const statement = end?.by === 'redirect' ? end.statement : null;
  return html`<section class="card stack" aria-labelledby="steps">
    <h2 id="steps">Steps</h2>
    ${steps.length === 0 && html`<p class="soft">Each webhook of the call appears here, with the TwiML that it was answered with and the state it led to.</p>`}
    ${
      statement &&
      html`<details class="step" open>
      <summary>What the application is told of the caller</summary>
      <${Code} label="Claims" text=${JSON.stringify(statement, null, 2)} />
    </details>`
    }
    ${steps
      .map(
        (step, index) =>
          html`<${Step} key=${index} number=${index + 1} step=${step} isLast=${index === steps.length - 1} />`,
      )
      .reverse()}
  </section>`;
}

/** @param {{ step: ShownStep, number: number, isLast: boolean }} props */
function Step({ step, number, isLast }) {
  const { method, url, status, failure, params, document, state } = step;
  return html`<details class="step" open=${isLast}>
    <summary>
      <span class="number">${number}.</span> <code>${method} ${shortened(url)}</code>${' '}
      <span class=${`badge ${status === 200 ? 'good' : 'bad'}`}>${status ?? 'no answer'}</span>${' '}
      ${state && html`<span class="badge">${state.at}</span>`}
    </summary>
    <div class="stack tight">
      ${failure && html`<p class="notice bad">${failure}</p>`}
      ${state && html`<${State} state=${state} />`}
      ${document.trim() !== '' && html`<${Code} label=${`TwiML of step ${number}`} text=${document} />`}
      <details>
        <summary class="small">What the provider sends</summary>
        <${Code} label=${`Parameters of step ${number}`} text=${lines(params)} />
      </details>
    </div>
  </details>`;
}

/** @param {{ state: ShownState }} props */
function State({ state }) {
  const { at, tally, reason, outcome, locale } = state;
  /** @type {readonly (readonly [string, unknown])[]} */
  const facts = [
    ['State', at],
    ['Outcome', outcome],
    ['Reason of the change', reason],
    ['Language', locale],
    ['Steps', tally?.steps],
    ['Wrong PINs', tally?.wrongPins],
    ['Unusable entries', tally?.inputFailures],
    ['Refused PINs', tally?.refusedPins],
  ];
  const known = facts.filter(([, value]) => value !== null && value !== undefined);
  return html`<dl class="state small">
    ${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/**
 * Text that may be wider than its box, which then can be scrolled by the keyboard, too.
 * @param {{ label: string, text: string }} props
 */
function Code({ label, text }) {
  return html`<pre class="code" tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre>`;
}

/** @param {Readonly<Record<string, string>>} params */
function lines(params) {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

/**
 * The random name of a step says nothing to people.
 * @param {string} url
 */
function shortened(url) {
  return url.replace(/(\/steps\/[\w-]{4})[\w-]+/, '$1…');
}
