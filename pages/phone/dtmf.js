/** The tones of the keys: two sines at once, a low one for the row and a high one for the column. */

/** Hz, from ITU-T Recommendation Q.23. */
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477];

const keys = ['123', '456', '789', '*0#'];

/** Long enough to be heard; ITU-T Q.24 has exchanges take tones from 40 ms on. */
const seconds = 0.16;

/** Fades in and out, since a hard edge clicks. */
const edge = 0.008;

const loudness = 0.12;

/**
 * The two frequencies of a key, in Hz.
 * @param {string} key 0-9, * or #
 */
function frequenciesOf(key) {
  const row = keys.findIndex((one) => one.includes(key));
  const column = (keys[row] ?? '').indexOf(key);
  return /** @type {const} */ ([rows[row] ?? 0, columns[column] ?? 0]);
}

/**
 * Sounds the tone of a key, now.
 * @param {BaseAudioContext} context
 * @param {string} key
 */
export function sound(context, key) {
  const start = context.currentTime;
  const end = start + seconds;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + edge);
  gain.gain.setValueAtTime(loudness, end - edge);
  gain.gain.linearRampToValueAtTime(0, end);
  gain.connect(context.destination);
  for (const frequency of frequenciesOf(key)) {
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start(start);
    tone.stop(end);
  }
}
