/** Tables as CSV (RFC 4180), for programs that calculate. */

/**
 * @param {readonly (readonly string[])[]} rows
 */
export function toCsv(rows) {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A text that such a program would take for a formula gets an apostrophe before it. @param {string} text */
function cell(text) {
  const defused = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${defused.replaceAll('"', '""')}"`;
}
