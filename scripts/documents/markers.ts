/** Places in a document that a program fills, between two markers. What stands outside them is written by hand and stays. */

/** Where such a place begins and ends, such as two comments. */
export interface Markers {
  readonly begin: string;
  readonly end: string;
}

/** What stands between markers. @throws Error when the document doesn't have both, in order. */
export function textBetween(document: string, { begin, end }: Markers): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The document has no ${begin} with ${end} after it.`);
  return document.slice(from + begin.length, to);
}

/** The document with a text between markers, on lines of its own. @throws Error as `textBetween` does. */
export function withTextBetween(document: string, markers: Markers, text: string): string {
  const place = `${markers.begin}${textBetween(document, markers)}${markers.end}`;
  return document.replace(place, () => `${markers.begin}\n\n${text}\n\n${markers.end}`);
}
