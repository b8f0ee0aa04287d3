/** Words for what Ringkey says in codes, and for times. */

/** Why a PIN is refused, to follow "This PIN". */
export const refusals = /** @type {Readonly<Record<string, string>>} */ ({
  not_digits: 'has something else than digits 0 to 9.',
  too_short: 'has fewer digits than the policy asks for.',
  too_long: 'has more than 24 digits.',
  repeated_digit: 'is one digit, repeated.',
  sequence: 'counts up or down, such as 123456.',
  repeated_group: 'repeats a group of digits, such as 4848.',
  two_digits_only: 'has only two different digits.',
  keypad_line: 'is a walk over the keypad, such as 2580.',
  palindrome: 'reads the same backwards.',
  date_like: 'looks like a day, a month or a year.',
  contains_extension: 'holds the extension, forwards or backwards.',
  ends_phone_number: 'is the end of one of the user’s telephone numbers.',
  spells_name: 'spells the user’s name on the keypad.',
  too_common: 'is one that many people choose.',
  recently_used: 'was in use before.',
  too_similar: 'is too much like the PIN before.',
  changed_too_recently: 'can not be changed so soon after the last change.',
});

/** Why an account is locked. */
export const lockReasons = /** @type {Readonly<Record<string, string>>} */ ({
  administrator: 'by an administrator',
  failures: 'after failed tries',
  'failure-cap': 'after too many failed tries since the last sign-in',
  inactivity: 'because it was not used for long',
});

/** Why one of many failed. */
export const failures = /** @type {Readonly<Record<string, string>>} */ ({
  pin_not_set: 'There is no PIN yet: reset it.',
  pin_not_deliverable: 'There is no address to mail the PIN to.',
  busy: 'Too much to do at the moment: try it again.',
  not_found: 'The user was removed meanwhile.',
  internal_error: 'Something went wrong. The log of the service says more.',
});

/** What is recorded, as it reads in a list of events. */
export const events = /** @type {Readonly<Record<string, string>>} */ ({
  'user.created': 'User made',
  'user.changed': 'User changed',
  'user.removed': 'User removed',
  'users.imported': 'Users imported',
  'pin.status-read': 'PIN status looked at',
  'pin.reset': 'PIN reset',
  'pin.locked': 'Account locked',
  'pin.unlocked': 'Account unlocked',
  'pin.change-required': 'Change of PIN required',
  'pin.change-waived': 'Change of PIN no longer required',
  'pin.changed': 'PIN changed',
  'pin.link-sent': 'Link to set a PIN mailed',
  'policy.stored': 'Policy stored',
  'policy.removed': 'Policy removed',
  'token.created': 'Token made',
  'token.revoked': 'Token revoked',
  'data.exported': 'Data exported',
  'session.started': 'Signed in to the pages',
  'session.ended': 'Signed out of the pages',
  'phone.called': 'Called from the browser',
  'mail.sent': 'Mail sent',
  'mail.given-up': 'Mail could not be sent',
});

/** An event that has no words here is shown as it is. @param {string} event */
export function eventWords(event) {
  return events[event] ?? event;
}

const whole = new Intl.NumberFormat('en');

/** @param {number} number */
export function count(number) {
  return whole.format(number);
}

/**
 * A number of things, in the singular where it is one.
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function countOf(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/**
 * A time in the zone of whoever looks.
 * @param {string | null} iso
 * @param {string} [none] for no time at all
 */
export function time(iso, none = 'never') {
  return iso === null ? none : moment.format(new Date(iso));
}
