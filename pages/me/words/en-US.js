/** The words of `/me` in English. The other languages have the same ones. */

/** @param {number} number */
const digits = (number) => `${number} ${number === 1 ? 'digit' : 'digits'}`;

export const words = {
  title: 'Your phone PIN',
  loading: 'One moment …',

  ask: {
    intro:
      'Forgot your PIN, or would you like another one? We send a link to your e-mail address. With it you choose a new PIN.',
    identity: 'E-mail address or extension',
    send: 'Send me a link',
    sending: 'Sending …',
    done: 'If there is such an account with an e-mail address, a link is on its way.',
    next: 'Open it in this browser within 15 minutes. Nothing there? Look into the spam folder, and check what you typed. Otherwise your help desk can help.',
    again: 'Ask for another link',
  },

  /** @param {string} name */
  greeting: (name) => `Hello ${name}`,
  extension: 'Extension',
  statusTitle: 'As it is now',
  pin: 'PIN',
  pinNone: 'Not set',
  pinDue: 'Set, but it must be changed',
  /** @param {string} time */
  pinSet: (time) => `Set on ${time}`,
  sinceUnknown: 'never',
  expires: 'Expires',
  lock: 'Sign-in by phone',
  notLocked: 'Open',
  /** @param {string} why @param {string | null} until */
  locked: (why, until) => `Locked ${why}${until === null ? '' : `, until ${until}`}`,
  lockReasons: {
    administrator: 'by an administrator',
    failures: 'after failed tries',
    'failure-cap': 'after too many failed tries',
    inactivity: 'because it was not used for long',
  },
  liftsLock: 'A new PIN unlocks it.',
  keepsLock: 'A new PIN does not unlock it: only your help desk can.',
  failed: 'Failed tries',
  lastSignIn: 'Last sign-in',

  chooseTitle: 'Choose a new PIN',
  rulesTitle: 'A PIN',
  rules: {
    /** @param {number} least */
    length: (least) => `has at least ${digits(least)}, and at most 24`,
    personal: 'is not your extension, your telephone number or your name on the keypad',
    patterns: 'is not easy to guess: no row such as 123456, no repetition, no date, no line over the keypad',
    /** @param {number} count */
    history: (count) => (count === 1 ? 'is not the one you have' : `is none of your last ${count}`),
    /** @param {number} days */
    lifetime: (days) => `is to be changed after ${days} ${days === 1 ? 'day' : 'days'}`,
  },
  newPin: 'New PIN',
  again: 'New PIN again',
  show: 'Show what I type',
  accepted: 'This PIN can be used.',
  refused: 'This PIN',
  set: 'Set this PIN',
  setting: 'Setting …',
  generateHint: 'Or we make up a PIN and show it to you once.',
  generate: 'Make up a PIN for me',
  /** @param {string} time */
  until: (time) => `This link works until ${time}.`,

  done: {
    title: 'Your new PIN is set',
    text: 'It works from now on, and the old one no longer does. We tell you so by mail, too.',
    locked: 'Your sign-in by phone is still locked. Your help desk can unlock it.',
    once: 'Remember it now: it can not be shown again.',
    copy: 'Copy the PIN',
    copied: 'Copied',
    notCopied: 'Select it and copy it by hand',
    hide: 'Hide it',
    hidden: 'The PIN is hidden. It can not be shown again.',
    /** @param {number} seconds */
    hides: (seconds) => `Hidden in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    /** @param {string} number */
    call: (number) => `To sign in, call ${number}.`,
    close: 'You can close this page.',
  },
  /** @param {string} contact */
  help: (contact) => `Your help desk: ${contact}`,

  dead: 'This link does not work',
  problems: {
    link_spent:
      'This link was used before, or is older than 15 minutes, or your PIN was changed meanwhile. Nothing was changed. Ask for a new link.',
    link_elsewhere:
      'This link was asked for in another browser, and works only there. Nothing was changed. Open it there, or ask for a new one here.',
    pins_differ: 'You typed two different PINs. Type the same one twice.',
    too_many_links: 'Many links were asked for from here. Wait an hour, or ask your help desk.',
    busy: 'There is much to do at the moment. Nothing was changed. Try again in a few seconds.',
    unreachable: 'There is no answer. Check your connection, then try again.',
    csrf_token_missing:
      'Your browser keeps no cookie of this page. Allow cookies, reload the page, and try again.',
    other: 'That did not work. Reload the page and try again.',
  },

  /** They follow `refused`. */
  refusals: {
    not_digits: 'has something else than the digits 0 to 9.',
    too_short: 'has too few digits.',
    too_long: 'has more than 24 digits.',
    repeated_digit: 'is one digit, repeated.',
    sequence: 'counts up or down.',
    repeated_group: 'repeats a group of digits.',
    two_digits_only: 'has only two different digits.',
    keypad_line: 'is a line over the keypad.',
    palindrome: 'reads the same backwards.',
    date_like: 'looks like a date.',
    contains_extension: 'holds your extension.',
    ends_phone_number: 'is the end of your telephone number.',
    spells_name: 'spells your name on the keypad.',
    too_common: 'is one that many people choose.',
    recently_used: 'was yours before.',
    too_similar: 'is too much like the one you have.',
    changed_too_recently: 'can not be changed so soon again.',
  },
};

/** @typedef {typeof words} Words */
