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

/**
 * Hands a file to whoever sits before the browser.
 * @param {string} name
 * @param {string} type
 * @param {string | Blob} content
 */
export function download(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
