/** Resetting a PIN: what is wanted, what that will do, and the new PIN, shown once. */
import { Choice, CopyButton, Dialog, Failure, Field, Notice, useWork } from '../shared/parts.js';
import { html, useEffect, useId, useRef, useState } from '../shared/view.js';
import { refusals } from '../shared/words.js';
import { api, may } from './session.js';

/** @import { ChoiceEvent, FieldEvent } from '../shared/parts.js' */
/** @import { PinStatus, Profile } from './status.js' */
/** @import { RequestError } from '../shared/http.js' */

/** For how long a PIN is shown. */
const shownSeconds = 60;

/**
 * @typedef {object} Wish
 * @property {'generate' | 'type'} how
 * @property {string} pin
 * @property {boolean} mustChange
 * @property {boolean} keepLocked
 * @property {boolean} sends
 * @property {string} address
 * @property {boolean} reveals
 */

/**
 * @typedef {PinStatus & { mailTo?: string | null, pin?: string }} ResetAnswer
 */

/**
 * @param {{ path: string, user: Profile, status: PinStatus, onClose: (isReset: boolean) => void }} props
 */
export function ResetDialog({ path, user, status, onClose }) {
  const [wish, setWish] = useState(
    /** @type {Wish} */ ({
      how: 'generate',
      pin: '',
      mustChange: true,
      keepLocked: false,
      sends: user.email !== null,
      address: user.email ?? '',
      reveals: may('pins.reveal') && user.email === null,
    }),
  );
  const [plan, setPlan] = useState(/** @type {ResetAnswer | null} */ (null));
  const [done, setDone] = useState(/** @type {ResetAnswer | null} */ (null));
  // The same click, sent again after a cut, must not set a second PIN.
  const key = useRef(crypto.randomUUID());
  const close = () => onClose(done !== null);
  const name = user.displayName ?? `extension ${user.extension}`;

  /** @param {boolean} dryRun @returns {Promise<ResetAnswer>} */
  const send = (dryRun) =>
    api('POST', `${path}/pin/reset${dryRun ? '?dryRun=true' : ''}`, {
      body: bodyOf(wish, user),
      headers: dryRun ? {} : { 'idempotency-key': key.current },
    });

  if (done !== null) return html`<${Done} done=${done} name=${name} onClose=${close} />`;
  if (plan !== null) {
    return html`<${Confirm}
      wish=${wish}
      plan=${plan}
      status=${status}
      name=${name}
      onBack=${() => setPlan(null)}
      onClose=${close}
      reset=${async () => setDone(await send(false))}
    />`;
  }
  return html`<${Ask}
    wish=${wish}
    setWish=${(/** @type {Partial<Wish>} */ change) => setWish({ ...wish, ...change })}
    status=${status}
    name=${name}
    hasAddress=${user.email !== null}
    onClose=${close}
    tryOut=${async () => setPlan(await send(true))}
  />`;
}

/** @param {Wish} wish @param {Profile} user */
function bodyOf({ how, pin, mustChange, keepLocked, sends, address, reveals }, { email }) {
  const isOther = sends && address.trim() !== '' && address.trim() !== email;
  return {
    ...(how === 'type' ? { pin } : {}),
    pinExpired: mustChange,
    lockedOut: keepLocked,
    sendEmail: sends,
    ...(isOther ? { notifyEmail: address.trim() } : {}),
    reveal: how === 'generate' && reveals,
  };
}

/**
 * @param {{
 *   wish: Wish, setWish: (change: Partial<Wish>) => void, status: PinStatus, name: string,
 *   hasAddress: boolean, tryOut: () => Promise<void>, onClose: () => void
 * }} props
 */
function Ask({ wish, setWish, status, name, hasAddress, tryOut, onClose }) {
  const group = useId();
  const { error, isBusy, run } = useWork();
  const problem =
    error instanceof Error && 'problem' in error ? /** @type {RequestError} */ (error).problem : null;
  const codes = problem?.code === 'pin_refused' ? (problem.codes ?? []) : [];
  const mayReveal = may('pins.reveal');
  const maySend = mayReveal || hasAddress;
  const isLost = wish.how === 'generate' && !wish.sends && !wish.reveals;
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    run(tryOut);
  };
  return html`<${Dialog} title="Reset the PIN" onClose=${onClose}>
    <p class="soft"><bdi>${name}</bdi></p>
    <form class="stack" onSubmit=${submit}>
      <fieldset class="stack tight">
        <legend class="visually-hidden">The new PIN</legend>
        <${Choice}
          type="radio"
          name=${group}
          label="Generate a PIN"
          checked=${wish.how === 'generate'}
          onChange=${() => setWish({ how: 'generate' })}
        />
        <${Choice}
          type="radio"
          name=${group}
          label="Type a PIN"
          checked=${wish.how === 'type'}
          onChange=${() => setWish({ how: 'type' })}
        />
        ${
          wish.how === 'type' &&
          html`<${Field}
            label="New PIN"
            inputmode="numeric"
            autocomplete="off"
            spellcheck=${false}
            required
            maxlength="96"
            value=${wish.pin}
            onInput=${(/** @type {FieldEvent} */ event) => setWish({ pin: event.target.value })}
            hint="Digits only. The policy says how many; it refuses what is easy to guess."
          />`
        }
      </fieldset>
      ${
        codes.length > 0
          ? html`<${Notice} kind="bad">
              <strong>This PIN is refused.</strong> It
              ${codes.length === 1 ? ` ${refusals[codes[0] ?? ''] ?? codes[0]}` : ':'}
              ${codes.length > 1 && html`<ul>${codes.map((code) => html`<li>${refusals[code] ?? code}</li>`)}</ul>`}
            <//>`
          : html`<${Failure} error=${error} />`
      }
      <${Choice}
        label="Require a change at the next sign-in"
        hint="Recommended: then nobody but the user knows the PIN."
        checked=${wish.mustChange}
        onChange=${(/** @type {ChoiceEvent} */ event) => setWish({ mustChange: event.target.checked })}
      />
      ${
        maySend
          ? html`<${Choice}
              label="Send the PIN by e-mail"
              checked=${wish.sends}
              onChange=${(/** @type {ChoiceEvent} */ event) => setWish({ sends: event.target.checked })}
            />`
          : html`<p class="soft">The user has no e-mail address that the PIN could be sent to.</p>`
      }
      ${
        wish.sends &&
        html`<${Field}
          label="Send to"
          type="email"
          required
          readonly=${!mayReveal}
          value=${wish.address}
          onInput=${(/** @type {FieldEvent} */ event) => setWish({ address: event.target.value })}
          hint=${mayReveal ? null : 'Your role may send it to the user’s own address.'}
        />`
      }
      ${
        wish.how === 'generate' &&
        mayReveal &&
        html`<${Choice}
          label="Show me the PIN"
          hint=${`Once, for ${shownSeconds} seconds.`}
          checked=${wish.reveals}
          onChange=${(/** @type {ChoiceEvent} */ event) => setWish({ reveals: event.target.checked })}
        />`
      }
      ${
        status.lockedOut &&
        html`<${Choice}
          label="Keep the account locked"
          hint="Otherwise the reset unlocks it."
          checked=${wish.keepLocked}
          onChange=${(/** @type {ChoiceEvent} */ event) => setWish({ keepLocked: event.target.checked })}
        />`
      }
      <${Notice} kind="warn">
        ${
          isLost &&
          `Nobody would know this PIN: ${[...(maySend ? ['send it'] : []), ...(mayReveal ? ['have it shown'] : []), 'type one'].join(', or ')}.`
        }
      <//>
      <div class="row">
        <button class="primary" disabled=${isBusy || isLost}>Continue</button>
        <button type="button" onClick=${onClose}>Cancel</button>
      </div>
    </form>
  <//>`;
}

/**
 * @param {{
 *   wish: Wish, plan: ResetAnswer, status: PinStatus, name: string,
 *   onBack: () => void, onClose: () => void, reset: () => Promise<void>
 * }} props
 */
function Confirm({ wish, plan, status, name, onBack, onClose, reset }) {
  const { error, isBusy, run } = useWork();
  return html`<${Dialog} title="This will happen" onClose=${onClose}>
    <ul class="plan">
      ${consequences(wish, plan, status, name).map((line) => html`<li>${line}</li>`)}
    </ul>
    <${Failure} error=${error} />
    <div class="row">
      <button class="primary" disabled=${isBusy} onClick=${() => run(reset)}>
        ${isBusy ? 'Resetting …' : 'Reset the PIN'}
      </button>
      <button onClick=${onBack}>Back</button>
      <button onClick=${onClose}>Cancel</button>
    </div>
  <//>`;
}

/**
 * What a reset will do, by the answer to its dry run.
 * @param {Wish} wish @param {ResetAnswer} plan @param {PinStatus} status @param {string} name
 */
function consequences(wish, plan, status, name) {
  const who = html`<bdi>${name}</bdi>`;
  const mailTo = plan.mailTo ?? null;
  return [
    wish.how === 'generate'
      ? html`A PIN is generated for ${who}.`
      : html`${who} gets the PIN that you typed. The policy accepts it.`,
    ...(status.pinSet ? ['The PIN until now stops working at once.'] : []),
    plan.pinExpired
      ? 'At the next sign-in by telephone, another PIN must be chosen.'
      : 'It can be used as it is: no change is asked for.',
    ...(status.lockedOut && !plan.lockedOut ? ['The lock is lifted.'] : []),
    ...(plan.lockedOut ? ['The account stays locked: nobody can sign in until it is unlocked.'] : []),
    mailTo === null ? 'Nothing is mailed.' : html`The PIN is mailed to <bdi>${mailTo}</bdi>.`,
    ...(wish.how === 'generate' && wish.reveals
      ? [`The PIN is shown to you once, for ${shownSeconds} seconds.`]
      : []),
    ...(wish.how === 'type' && mailTo === null ? ['Only you can tell the user the PIN.'] : []),
  ];
}

/** @param {{ done: ResetAnswer, name: string, onClose: () => void }} props */
function Done({ done: { pin, mailTo = null }, name, onClose }) {
  const [left, setLeft] = useState(shownSeconds);
  const isShown = pin !== undefined && left > 0;
  useEffect(() => {
    if (!isShown) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, isShown]);
  return html`<${Dialog} title="The PIN is reset" onClose=${onClose}>
    <p>
      <bdi>${name}</bdi> has a new PIN.
      ${mailTo !== null && html` It is on its way to <bdi>${mailTo}</bdi>.`}
    </p>
    ${
      isShown &&
      html`<div class="card stack tight">
        <div class="pin" data-testid="pin">${pin}</div>
        <div class="row">
          <${CopyButton} text=${pin} label="Copy the PIN" />
          <button type="button" onClick=${() => setLeft(0)}>Hide it</button>
        </div>
        <p class="soft small">Hidden in ${left} ${left === 1 ? 'second' : 'seconds'}. It can not be shown again.</p>
      </div>`
    }
    ${pin !== undefined && !isShown && html`<p class="soft">The PIN is hidden. It can not be shown again.</p>`}
    <div class="row"><button class="primary" onClick=${onClose}>Close</button></div>
  <//>`;
}
