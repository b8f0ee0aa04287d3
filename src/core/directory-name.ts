/**
 * Distinguished names of a directory (RFC 4514), as far as needed to tell whether one lies below another.
 */

/** Says whether a text is a distinguished name, such as `CN=Ann,OU=Sales,DC=example,DC=com`. */
export function isDirectoryName(text: string): boolean {
  return partsOf(text) !== null;
}

/**
 * Says whether a distinguished name is `unit` itself or lies anywhere below it. Case and spaces don't matter, and a character may be
 * escaped in any of the ways of RFC 4514. What isn't a distinguished name lies within nothing, and nothing within it.
 */
export function isWithin(dn: string, unit: string): boolean {
  const path = partsOf(dn);
  const unitPath = partsOf(unit);
  if (path === null || unitPath === null || path.length < unitPath.length) return false;
  const above = path.slice(path.length - unitPath.length);
  return unitPath.every((part, index) => part === above[index]);
}

/**
 * One spelling for all that name the same: lower case, no spaces around commas and equal signs, one way to escape. Null when it isn't a
 * distinguished name.
 */
export function foldDirectoryName(text: string): string | null {
  const parts = partsOf(text);
  return parts === null ? null : parts.map((part) => part.replace(/[\\,]/g, '\\$&')).join(',');
}

/** The parts between the commas, each in one spelling; null when it isn't a distinguished name. */
function partsOf(dn: string): string[] | null {
  if (!dn.includes('=')) return null;
  try {
    const parts = withoutEscapes(dn).split(',').map(foldPart);
    return parts.some((part) => part === null) ? null : parts.filter((part) => part !== null);
  } catch (error) {
    // Bytes that aren't UTF-8, or half a character.
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Turns `\2C` and `\,` into `%2C`, so that the commas that are left are those between parts. */
function withoutEscapes(dn: string): string {
  return dn.replace(/\\([0-9a-f]{2})|\\(.)|%/gisu, (_whole, byte?: string, character?: string) =>
    byte === undefined ? encodeURIComponent(character ?? '%') : `%${byte}`,
  );
}

function foldPart(part: string): string | null {
  const [, type, value] = /^\s*([a-z0-9.-]+)\s*=([^\\]+)$/is.exec(part) ?? [];
  if (type === undefined || value === undefined) return null;
  const folded = decodeURIComponent(value).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  return folded === '' ? null : `${type.toLowerCase()}=${folded}`;
}
