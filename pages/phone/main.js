/** A telephone to try one's own service with: it calls like a caller does, and shows what a caller doesn't see. */
import { Choice, Failure, Field } from '../shared/parts.js';
import { html, render, useEffect, useLayoutEffect, useRef, useState } from '../shared/view.js';
import { keepChoices, readChoices } from './choices.js';
import { Keypad } from './keypad.js';
import { makeCall, readSettings } from './line.js';
import { canSpeak, hush, say } from './speech.js';
import { Steps } from './steps.js';
import { soundKey } from './tones.js';
import { Transcript, withKey, withMessage } from './transcript.js';

/** @import { ChoiceEvent, FieldEvent } from '../shared/parts.js' */
/** @import { PhoneMessage, Say, ShownEnd, ShownStep } from '../../src/web/phone/messages.ts' */
/** @import { Line, NewCall, Settings } from './line.js' */
/** @import { Entry } from './transcript.js' */

/**
 * @typedef {object} CallView
 * @property {'idle' | 'calling' | 'over'} phase
 * @property {readonly Entry[]} entries
 * @property {readonly ShownStep[]} steps
 * @property {ShownEnd | null} end
 * @property {{ untilMs: number | null } | null} listening until when keys are waited for; null: for ever
 */

/** @type {CallView} */
const noCall = { phase: 'idle', entries: [], steps: [], end: null, listening: null };

const choices = {
  current: readChoices(),
};

function App() {
  const [settings, setSettings] = useState(/** @type {Settings | null} */ (null));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    // Browsers load their voices when they are first asked for them.
    canSpeak();
    readSettings().then(setSettings, setError);
  }, []);
  return html`<a class="skip-link" href="#phone">Skip to the telephone</a>
    <header class="top">
      <div class="top-inner">
        <span class="brand"><img src="/assets/icon.svg" alt="" width="24" height="24" />Ringkey</span>
      </div>
    </header>
    <main id="main" class="stack">
      <div>
        <h1>Telephone</h1>
        <p class="soft">Try your service the way a caller meets it. No telephone network is involved.</p>
      </div>
      <${Failure} error=${error} />
      ${settings && html`<${Telephone} settings=${settings} />`}
    </main>`;
}

/** @param {{ settings: Settings }} props */
function Telephone({ settings }) {
  const [view, setView] = useState(noCall);
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const line = useRef(/** @type {Line | null} */ (null));
  const playing = useRef(/** @type {Say | null} */ (null));
  const isCalling = view.phase === 'calling';

  /** @param {Say} words */
  const play = (words) => {
    playing.current = words;
    const at = line.current;
    const { isAloud, isPatient } = choices.current;
    const silently = isPatient ? 'at-once' : 'as-text';
    say(words, isAloud && canSpeak() ? 'aloud' : silently).then(() => {
      if (playing.current === words) at?.played(words.sound);
    });
  };

  /** @param {PhoneMessage} message @param {Line} at */
  const take = (message, at) => {
    line.current = at;
    if (message.kind === 'say') play(message);
    if (message.kind === 'over' && message.sound === playing.current?.sound) {
      playing.current = null;
      hush();
    }
    setView((before) => ({
      ...before,
      entries: withMessage(before.entries, message),
      steps: message.kind === 'step' ? [...before.steps, message] : before.steps,
      end: message.kind === 'end' ? message.end : before.end,
      listening: message.kind === 'listen' ? { untilMs: deadlineOf(message.timeoutMs) } : null,
    }));
  };

  /** @param {NewCall} wanted */
  const call = async (wanted) => {
    setError(null);
    setView({ ...noCall, phase: 'calling' });
    try {
      await makeCall(settings, wanted, take);
    } catch (problem) {
      setError(problem);
    }
    line.current = null;
    hush();
    setView((before) => ({ ...before, phase: 'over', listening: null }));
  };

  /** @param {string} key */
  const press = (key) => {
    if (line.current === null) return;
    if (choices.current.hasTones) soundKey(key);
    if (playing.current?.bargeIn) hush();
    line.current.press(key);
    setView((before) => ({ ...before, entries: withKey(before.entries) }));
  };

  return html`<div class="telephone">
    <section class="card stack phone" id="phone" aria-label="Telephone" tabindex="-1">
      <div class="caller">
        <${Caller} settings=${settings} isCalling=${isCalling} onCall=${call} />
        <${Failure} error=${error} />
      </div>
      <${Transcript} entries=${view.entries} />
      ${isCalling && html`<${Listening} listening=${view.listening} onSilence=${() => line.current?.staySilent()} />`}
      <${Keypad} isOn=${isCalling} onKey=${press} />
      ${isCalling && html`<button type="button" class="danger wide" onClick=${() => line.current?.hangUp()}>Hang up</button>`}
      <${Preferences} onPatience=${(/** @type {boolean} */ isPatient) => line.current?.setPatience(isPatient)} />
    </section>
    <${Steps} steps=${view.steps} end=${view.end} />
  </div>`;
}

/** @param {number | null} timeoutMs */
function deadlineOf(timeoutMs) {
  return timeoutMs === null ? null : Date.now() + timeoutMs;
}

/**
 * Who calls, in which language, and the button to do it.
 * @param {{ settings: Settings, isCalling: boolean, onCall: (call: NewCall) => void }} props
 */
function Caller({ settings, isCalling, onCall }) {
  const [number, setNumber] = useState('+15551230001');
  const [isWithheld, setWithheld] = useState(false);
  const [locale, setLocale] = useState(settings.defaultLocale);
  const [wrong, setWrong] = useState(/** @type {string | null} */ (null));
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const wasCalling = useRef(false);
  useLayoutEffect(() => {
    // The button that had the focus gave way to the call, and comes back after it.
    if (isCalling) document.getElementById('phone')?.focus();
    else if (wasCalling.current && isFocusLost()) button.current?.focus();
    wasCalling.current = isCalling;
  }, [isCalling]);

  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const from = isWithheld ? null : number.replace(/[\s().-]/g, '');
    const isNumber = from === null || /^\+[1-9]\d{1,14}$/.test(from);
    setWrong(isNumber ? null : 'Write it as + and digits, such as +15551230001.');
    if (isNumber) onCall({ from, locale, isPatient: choices.current.isPatient });
    else document.querySelector('input')?.focus();
  };

  if (isCalling) {
    const who = isWithheld ? 'a withheld number' : number;
    return html`<p role="status"><strong>On a call</strong> <span class="soft">from ${who}</span></p>`;
  }
  return html`<form class="stack" onSubmit=${submit}>
    <div class="pair">
      <${Field}
        label="Your number"
        type="tel"
        autocomplete="off"
        disabled=${isWithheld}
        value=${number}
        wrong=${wrong}
        onInput=${(/** @type {FieldEvent} */ event) => setNumber(event.target.value)}
      />
      <${Field}
        label="First language"
        value=${locale}
        onChange=${(/** @type {FieldEvent} */ event) => setLocale(event.target.value)}
      >
        ${settings.locales.map((one) => html`<option value=${one} selected=${one === locale}>${nameOf(one)}</option>`)}
      <//>
    </div>
    <${Choice}
      label="Withhold the number"
      checked=${isWithheld}
      onChange=${(/** @type {ChoiceEvent} */ event) => setWithheld(event.target.checked)}
    />
    <button class="primary wide" ref=${button}>Call</button>
  </form>`;
}

function isFocusLost() {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement.id === 'phone';
}

/** @param {string} locale */
function nameOf(locale) {
  const language = locale.split('-')[0] ?? locale;
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? locale;
}

/**
 * Whether keys are waited for, and how long still.
 * @param {{ listening: CallView['listening'], onSilence: () => void }} props
 */
function Listening({ listening, onSilence }) {
  const [now, setNow] = useState(Date.now());
  const isTimed = typeof listening?.untilMs === 'number';
  useEffect(() => {
    if (!isTimed) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isTimed, listening]);
  const left = listening === null ? null : secondsLeft(listening.untilMs, now);
  return html`<div class="row spread listening">
    <span class="small soft number">${listening === null ? 'It speaks. Keys pressed now are kept.' : `It waits for keys${left}.`}</span>
    <button type="button" class="quiet" aria-disabled=${listening === null} onClick=${onSilence}>Stay silent</button>
  </div>`;
}

/** @param {number | null} untilMs @param {number} now */
function secondsLeft(untilMs, now) {
  return untilMs === null ? '' : ` for ${Math.max(0, Math.ceil((untilMs - now) / 1000))} s`;
}

/** @param {{ onPatience: (isPatient: boolean) => void }} props */
function Preferences({ onPatience }) {
  const [chosen, setChosen] = useState(choices.current);
  /** @param {Partial<typeof chosen>} change */
  const choose = (change) => {
    choices.current = { ...choices.current, ...change };
    keepChoices(choices.current);
    setChosen(choices.current);
  };
  return html`<fieldset class="stack tight">
    <legend class="visually-hidden">How to call</legend>
    <div class="row">
    <${Choice}
      label="Speak aloud"
      checked=${chosen.isAloud}
      onChange=${(/** @type {ChoiceEvent} */ event) => {
        choose({ isAloud: event.target.checked });
        if (!event.target.checked) hush();
      }}
    />
    <${Choice}
      label="Key tones"
      checked=${chosen.hasTones}
      onChange=${(/** @type {ChoiceEvent} */ event) => choose({ hasTones: event.target.checked })}
    />
    <${Choice}
      label="No time limit"
      checked=${chosen.isPatient}
      onChange=${(/** @type {ChoiceEvent} */ event) => {
        choose({ isPatient: event.target.checked });
        onPatience(event.target.checked);
      }}
    />
    </div>
    <p class="small soft">
      You can type 0–9, * and # as well; Enter is #. Without a time limit, it waits until you press a key, or “Stay silent”.
    </p>
  </fieldset>`;
}

const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(html`<${App} />`, root);
}
