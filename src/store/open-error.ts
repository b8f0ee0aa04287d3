/**
 * The store can't be opened. The message is one line for the operator: what is wrong, where, and what to do.
 */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}

/** The first line of what went wrong, to be put into a sentence. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || systemCodeOf(error) || error.name : String(error);
  return text.split('\n')[0] ?? text;
}

/** The code that Node gives to errors of the system, such as ENOENT. */
export function systemCodeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
