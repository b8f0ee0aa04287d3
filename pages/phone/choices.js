/** What the browser remembers of how someone likes to call. It forgets the number, and anything keyed. */

/** @typedef {{ isAloud: boolean, hasTones: boolean, isPatient: boolean }} Choices */

const name = 'ringkey-phone';

/** @type {Choices} */
const defaults = { isAloud: true, hasTones: true, isPatient: false };

/** @returns {Choices} */
export function readChoices() {
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? '{}');
    const known = Object.keys(defaults).filter((key) => typeof kept[key] === 'boolean');
    return { ...defaults, ...Object.fromEntries(known.map((key) => [key, kept[key]])) };
  } catch {
    return defaults;
  }
}

/** @param {Choices} choices */
export function keepChoices(choices) {
  try {
    localStorage.setItem(name, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing starts with the defaults next time.
  }
}
