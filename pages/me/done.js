/** The PIN is set; one that was made up is shown, once and not for long. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../shared/view.js';

/** @import { OwnAccount, Status } from './choose.js' */
/** @import { Words } from './language.js' */

/** For how long a PIN is shown. */
const shownSeconds = 60;

/** @param {{ done: { pin: string | null, status: Status }, account: OwnAccount, words: Words }} props */
export function Done({ done: { pin, status }, account: { accessNumber, helpContact }, words }) {
  const [left, setLeft] = useState(shownSeconds);
  const [copied, setCopied] = useState('');
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const isShown = pin !== null && left > 0;
  useLayoutEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    if (!isShown) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, isShown]);
  const copy = () =>
    navigator.clipboard.writeText(pin ?? '').then(
      () => setCopied(words.done.copied),
      () => setCopied(words.done.notCopied),
    );
  return html`<h1 tabindex="-1" ref=${heading}>${words.done.title}</h1>
    <p>${words.done.text}</p>
    ${
      isShown &&
      html`<section class="card stack tight" aria-label=${words.pin}>
        <div class="pin" data-testid="pin">${pin}</div>
        <p><strong>${words.done.once}</strong></p>
        <div class="row">
          <button type="button" onClick=${copy}>${words.done.copy}</button>
          <button type="button" onClick=${() => setLeft(0)}>${words.done.hide}</button>
          <span role="status" class="soft small">${copied}</span>
        </div>
        <p class="soft small">${words.done.hides(left)}</p>
      </section>`
    }
    ${pin !== null && !isShown && html`<p class="soft">${words.done.hidden}</p>`}
    ${status.lockedOut && html`<div class="notice warn">${words.done.locked}</div>`}
    ${accessNumber !== null && !status.lockedOut && html`<p>${words.done.call(accessNumber)}</p>`}
    ${helpContact !== null && html`<p class="soft small">${words.help(helpContact)}</p>`}
    <p class="soft">${words.done.close}</p>`;
}
