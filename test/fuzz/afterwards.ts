/** What no fuzzed service may leave behind, whatever it was sent. */
import type { TestService } from '../support/service.ts';

/**
 * The lines of the log that shouldn't be there: failures, and whatever holds the canary. The log is forgotten, since what is kept in memory
 * would be taken for a leak.
 * @param canary is in what was sent, and is to be written nowhere.
 */
export function takeWrongLines(ringkey: TestService, canary: string): string[] {
  const wrong = ringkey.logged.filter((line) => line.includes(canary) || /"level":[56]0/.test(line));
  ringkey.forgetLog();
  return wrong;
}

/** Gives the work a list of what was rejected meanwhile with nobody to handle it. */
export async function watchRejections<T>(work: (rejections: readonly unknown[]) => Promise<T>): Promise<T> {
  const rejections: unknown[] = [];
  const keep = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', keep);
  try {
    return await work(rejections);
  } finally {
    process.off('unhandledRejection', keep);
  }
}
