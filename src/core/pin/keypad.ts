/**
 * The telephone keypad: which letters a key carries, and which PINs draw a figure on it.
 *
 *     1 2 3
 *     4 5 6
 *     7 8 9
 *       0
 */

const lettersOnKeys = { 2: 'abc', 3: 'def', 4: 'ghi', 5: 'jkl', 6: 'mno', 7: 'pqrs', 8: 'tuv', 9: 'wxyz' };

/** The key of each letter, by ITU-T E.161. */
const keyOfLetter: ReadonlyMap<string, string> = new Map(
  Object.entries(lettersOnKeys).flatMap(([key, letters]) => [...letters].map((letter) => [letter, key])),
);

/** Letters that Unicode does not take apart into a base letter and an accent. */
const foldedLetters: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ı', 'i'],
]);

/**
 * The keys that spell a word: `Zoë` is `963`. Case and accents don't count. What stands on no key (a sign, a digit,
 * a letter of another script) is left out.
 */
export function keysThatSpell(word: string): string {
  return [...word.toLowerCase().normalize('NFD')]
    .flatMap((character) => [...(foldedLetters.get(character) ?? character)])
    .map((letter) => keyOfLetter.get(letter) ?? '')
    .join('');
}

/** Whether the PIN draws a figure: a walk from key to key (2589), straight strokes (147369), or a round (1397). */
export function drawsFigure(pin: string): boolean {
  return isWalk(pin) || isStrokes(pin) || isRound(pin);
}

function place(key: string): { row: number; column: number } {
  const index = key === '0' ? 10 : Number(key) - 1;
  return { row: Math.floor(index / 3), column: index % 3 };
}

function lieSideBySide(a: string, b: string): boolean {
  const from = place(a);
  const to = place(b);
  return Math.abs(from.row - to.row) + Math.abs(from.column - to.column) === 1;
}

/** Every key lies beside the one before it, and the finger never goes straight back. */
function isWalk(pin: string): boolean {
  return [...pin].every(
    (key, i, keys) => i === 0 || (lieSideBySide(keys[i - 1] ?? '', key) && key !== keys[i - 2]),
  );
}

const lines = ['123', '456', '789', '147', '258', '369', '159', '357'];
const strokes = [...lines, ...lines.map((line) => [...line].reverse().join(''))];
const onlyStrokes = new RegExp(`^(0?(${strokes.join('|')})0?)+$`);

/** Rows, columns and diagonals one after another, each with or without the 0 below them. */
function isStrokes(pin: string): boolean {
  return onlyStrokes.test(pin);
}

/** Round the four corners, or round the four keys between them, in either direction. */
const rounds = ['1397', '1793', '2684', '2486'].map((keys) => keys.repeat(7));

/** The four corners, row by row. */
const cornersByRow = ['1379', '3197', '7913', '9731'];

function isRound(pin: string): boolean {
  return rounds.some((round) => round.includes(pin)) || cornersByRow.includes(pin);
}
