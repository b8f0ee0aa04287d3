/** The keys, to be pressed with a pointer or typed. */
import { html, useEffect } from '../shared/view.js';

/** @type {readonly (readonly [key: string, letters: string, name?: string])[]} */
const keys = [
  ['1', ''],
  ['2', 'ABC'],
  ['3', 'DEF'],
  ['4', 'GHI'],
  ['5', 'JKL'],
  ['6', 'MNO'],
  ['7', 'PQRS'],
  ['8', 'TUV'],
  ['9', 'WXYZ'],
  ['*', '', 'star'],
  ['0', '+'],
  ['#', '', 'pound'],
];

/** @param {{ isOn: boolean, onKey: (key: string) => void }} props */
export function Keypad({ isOn, onKey }) {
  useEffect(() => {
    if (!isOn) return;
    /** @param {KeyboardEvent} event */
    const listen = (event) => {
      const key = typedKey(event);
      if (key === null) return;
      event.preventDefault();
      onKey(key);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [isOn, onKey]);
  return html`<div class="keypad" role="group" aria-label="Keypad">
    ${keys.map(
      ([key, letters, name]) =>
        html`<button key=${key} type="button" class="key" aria-disabled=${!isOn} onClick=${() => isOn && onKey(key)}>
          <span class="key-digit" aria-hidden=${name !== undefined}>${key}</span>
          ${name && html`<span class="visually-hidden">${name}</span>`}<span class="key-letters">${letters}</span>
        </button>`,
    )}
  </div>`;
}

/**
 * The key of the telephone that was typed; Enter is #, unless it presses the button that has the focus, or follows a link.
 * @param {KeyboardEvent} event
 */
function typedKey({ key, target, repeat, ctrlKey, metaKey, altKey }) {
  if (repeat || ctrlKey || metaKey || altKey || !(target instanceof Element)) return null;
  if (target.closest('input:not([type="checkbox"]), select, textarea, dialog')) return null;
  if (/^[0-9*#]$/.test(key)) return key;
  return key === 'Enter' && target.closest('button, a, input, summary') === null ? '#' : null;
}
