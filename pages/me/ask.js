/** Asking for a link. What is answered is the same, whatever was typed. */
import { Field, Notice, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { problemIn } from './problem.js';

/** @import { FieldEvent } from '../shared/parts.js' */
/** @import { Words } from './language.js' */

/** @param {{ post: import('./main.js').Post, words: Words }} props */
export function Ask({ post, words }) {
  const [identity, setIdentity] = useState('');
  const [isSent, setSent] = useState(false);
  const { error, isBusy, run } = useWork();
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (isBusy) return;
    setSent(false);
    run(async () => {
      await post('/requests', { identity: identity.trim() });
      setSent(true);
    });
  };
  return html`<h1>${words.title}</h1>
    <p>${words.ask.intro}</p>
    <form class="card stack" onSubmit=${submit}>
      <${Field}
        label=${words.ask.identity}
        type="text"
        inputmode="email"
        autocomplete="email"
        autocapitalize="off"
        spellcheck=${false}
        required
        maxlength="320"
        value=${identity}
        onInput=${(/** @type {FieldEvent} */ event) => setIdentity(event.target.value)}
      />
      <button class="primary" aria-disabled=${isBusy}>${isBusy ? words.ask.sending : words.ask.send}</button>
    </form>
    <${Notice} kind="info">${isSent && html`<p><strong>${words.ask.done}</strong></p><p>${words.ask.next}</p>`}<//>
    <${Notice} kind="bad">${error !== null && problemIn(error, words)}<//>`;
}
