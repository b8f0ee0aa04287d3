/** Parts that pages are made of. */
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from './view.js';

/**
 * Of a field that was typed or chosen in.
 * @typedef {Event & { readonly target: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement }} FieldEvent
 */

/**
 * Of a box that was ticked or cleared.
 * @typedef {Event & { readonly target: HTMLInputElement }} ChoiceEvent
 */

/** @import { ComponentChildren } from 'preact' */

/**
 * A page's heading, which gets the focus when one comes to the page from another one, and the title of the window.
 * @param {{ title: string, children?: ComponentChildren }} props
 */
export function Heading({ title, children }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    document.title = `${title} · Ringkey`;
  }, [title]);
  // Before the browser shows the page: a focus that came a moment later would take away the one of somebody who types already.
  useLayoutEffect(() => {
    if (hasNavigated) heading.current?.focus();
    hasNavigated = true;
  }, []);
  return html`<div class="row spread">
    <h1 tabindex="-1" ref=${heading}>${title}</h1>
    ${children}
  </div>`;
}

/** The first page keeps the focus where the browser puts it. */
let hasNavigated = false;

/**
 * A message that is read out when it appears. Without children, nothing is seen.
 * @param {{ kind?: 'info' | 'good' | 'warn' | 'bad', children?: ComponentChildren }} props
 */
export function Notice({ kind = 'info', children }) {
  const isEmpty = children === null || children === undefined || children === '' || children === false;
  return html`<div class="live" role=${kind === 'bad' ? 'alert' : 'status'}>
    ${isEmpty ? null : html`<div class=${`notice ${kind}`}>${children}</div>`}
  </div>`;
}

/**
 * What went wrong, in the words of the answer.
 * @param {{ error: unknown }} props
 */
export function Failure({ error }) {
  return html`<${Notice} kind="bad">${error === null || error === undefined ? null : wordsOf(error)}<//>`;
}

/** @param {unknown} error */
function wordsOf(error) {
  if (!(error instanceof Error)) return 'Something went wrong.';
  if (!('problem' in error)) {
    console.error(error);
    return 'Something went wrong on this page. Reload it and try again.';
  }
  const {
    title,
    detail,
    errors = [],
    problems = [],
  } = /** @type {import('./http.js').Problem} */ (error.problem);
  return html`<strong>${title}</strong> ${detail}
    ${
      errors.length + problems.length > 0 &&
      html`<ul>
      ${errors.map(({ field, problem }) => html`<li><b>${field}</b>: ${problem}</li>`)}
      ${problems.map((problem) => html`<li>${problem}</li>`)}
    </ul>`
    }`;
}

/**
 * A labelled input.
 * @param {{ label: string, hint?: ComponentChildren, wrong?: ComponentChildren, children?: ComponentChildren, [attribute: string]: unknown }} props
 */
export function Field({ label, hint, wrong, children, ...attributes }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', wrong ? `${id}-wrong` : ''].join(' ').trim();
  const given = {
    ...attributes,
    id,
    ...(described === '' ? {} : { 'aria-describedby': described }),
    ...(wrong ? { 'aria-invalid': 'true' } : {}),
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children ? html`<select ...${given}>${children}</select>` : html`<input ...${given} />`}
    ${hint && html`<div class="hint" id=${`${id}-hint`}>${hint}</div>`}
    ${wrong && html`<div class="wrong" id=${`${id}-wrong`}>${wrong}</div>`}
  </div>`;
}

/**
 * A box to tick, or one of several to choose.
 * @param {{ label: ComponentChildren, hint?: ComponentChildren, type?: string, [attribute: string]: unknown }} props
 */
export function Choice({ label, hint, type = 'checkbox', ...attributes }) {
  const id = useId();
  return html`<div class="choice">
    <input id=${id} type=${type} ...${attributes} ...${hint ? { 'aria-describedby': `${id}-hint` } : {}} />
    <div>
      <label for=${id}>${label}</label>
      ${hint && html`<div class="hint" id=${`${id}-hint`}>${hint}</div>`}
    </div>
  </div>`;
}

/**
 * A dialog that keeps the rest of the page out of reach. It is open for as long as it is rendered.
 * @param {{ title: string, onClose: () => void, children?: ComponentChildren }} props
 */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  /** @param {Event} event */
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${dialog} aria-labelledby=${id} onCancel=${cancel}>
    <div class="stack">
      <h2 id=${id}>${title}</h2>
      ${children}
    </div>
  </dialog>`;
}

/**
 * Copies a text, and says that it did.
 * @param {{ text: string, label?: string }} props
 */
export function CopyButton({ text, label = 'Copy' }) {
  const [said, say] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => say('Select it and copy it by hand'),
    );
  return html`<button type="button" onClick=${copy}>${label}</button>
    <span role="status" class="soft small">${said}</span>`;
}

/**
 * What a request answered: the last good answer, the error of the last one, and a way to ask again.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {readonly unknown[]} dependencies asks again when one of them changes
 */
export function useLoaded(load, dependencies) {
  const [state, setState] = useState(
    /** @type {{ data: T | null, error: unknown, isLoading: boolean }} */ ({
      data: null,
      error: null,
      isLoading: true,
    }),
  );
  const [round, setRound] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    load(gone.signal).then(
      (data) => gone.signal.aborted || setState({ data, error: null, isLoading: false }),
      (error) =>
        gone.signal.aborted || setState((before) => ({ data: before.data, error, isLoading: false })),
    );
    return () => gone.abort();
  }, [...dependencies, round]);
  return { ...state, reload: () => setRound((before) => before + 1) };
}

/** A piece of work that is done once at a time: its error, whether it is under way, and a way to begin it. */
export function useWork() {
  const [state, setState] = useState({ error: /** @type {unknown} */ (null), isBusy: false });
  /** @param {() => Promise<unknown>} work */
  const run = async (work) => {
    setState({ error: null, isBusy: true });
    try {
      await work();
      setState({ error: null, isBusy: false });
    } catch (error) {
      setState({ error, isBusy: false });
    }
  };
  return { ...state, run };
}
