/**
 * The bytes of a file that is to be imported, as UTF-8 without a byte order mark and with line feeds only, so that line numbers
 * count what an editor counts.
 */
import { isUtf8 } from 'node:buffer';

const lineFeed = 10;
const carriageReturn = 13;

/** The file's text as UTF-8; null when it is in another encoding that doesn't say which. The argument may be overwritten. */
export function decodeFile(bytes: Buffer): Buffer | null {
  const encoding = encodingOf(bytes);
  const utf8 =
    encoding === 'utf-8' ? bytes : Buffer.from(new TextDecoder(encoding, { ignoreBOM: false }).decode(bytes));
  if (!isUtf8(utf8)) return null;
  return withLineFeeds(hasUtf8Mark(utf8) ? utf8.subarray(3) : utf8);
}

/** Excel's "Unicode text" is UTF-16 and begins with a byte order mark. */
function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function hasUtf8Mark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Both CR LF and a lone CR end a line. Done in place, because the file may be large. */
function withLineFeeds(bytes: Buffer): Buffer {
  const first = bytes.indexOf(carriageReturn);
  if (first === -1) return bytes;
  let length = first;
  let wasReturn = false;
  for (const byte of bytes.subarray(first)) {
    if (!(wasReturn && byte === lineFeed)) {
      bytes[length] = byte === carriageReturn ? lineFeed : byte;
      length += 1;
    }
    wasReturn = byte === carriageReturn;
  }
  return bytes.subarray(0, length);
}
