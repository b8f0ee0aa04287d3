/** Signing in with a token. */
import { Failure, Field, Heading, Notice, useWork } from '../shared/parts.js';
import { html, useState } from '../shared/view.js';
import { signIn } from './session.js';

/** @import { FieldEvent } from '../shared/parts.js' */
/** @import { Session } from './session.js' */

/** @param {{ reason: string | null, onSignIn: (session: Session | null) => void }} props */
export function SignIn({ reason, onSignIn }) {
  const [token, setToken] = useState('');
  const { error, isBusy, run } = useWork();
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (!isBusy) run(async () => onSignIn(await signIn(token.trim())));
  };
  return html`<main class="narrow stack" id="main">
    <${Heading} title="Sign in" />
    <p class="soft">Ringkey’s pages for administrators and the help desk.</p>
    <${Notice}>${reason}<//>
    <form class="card stack" onSubmit=${submit}>
      <${Field}
        label="Token"
        type="password"
        autocomplete="current-password"
        spellcheck=${false}
        required
        autofocus
        value=${token}
        onInput=${(/** @type {FieldEvent} */ event) => setToken(event.target.value)}
        hint="Your own token, or the one in ADMIN_TOKEN. It is not kept in this browser."
      />
      <${Failure} error=${error} />
      <button class="primary" aria-disabled=${isBusy}>${isBusy ? 'Signing in …' : 'Sign in'}</button>
    </form>
  </main>`;
}
