/** The sound of a key that is pressed. */
import { sound } from './dtmf.js';

/** @type {AudioContext | null} */
let shared = null;

/**
 * Sounds the tone of a key that is being pressed. Browsers let a page make sounds only from then on.
 * @param {string} key
 */
export function soundKey(key) {
  shared ??= new AudioContext();
  const context = shared;
  // Without a device to play on, this stays pending.
  context.resume().then(
    () => sound(context, key),
    () => {},
  );
}
