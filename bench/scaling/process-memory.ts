/** How much memory a process takes, as docs/scaling.md tells it from what other suites measured. */
import type { Result } from '../frame/results.ts';
import { inShort } from '../frame/statistics.ts';

/** The column that holds it: the most that a service had for itself. */
export const memoryColumn = 'memory, MiB';

/** The most in any row of a suite; null: it has no such column, or nothing in it. */
function mostOf(result: Result | null): number | null {
  const cells = (result?.sections ?? []).flatMap(({ columns, rows }) => {
    const index = columns.indexOf(memoryColumn);
    return index < 0 ? [] : rows.map((row) => Number(row[index]));
  });
  const figures = cells.filter(Number.isFinite);
  return figures.length === 0 ? null : Math.max(...figures);
}

/** @returns null when one of them wasn't measured, so that nothing can be said. */
export function markdownProcessMemory(signIns: Result | null, overload: Result | null): string | null {
  const [calling, overloaded] = [mostOf(signIns), mostOf(overload)];
  if (signIns === null || overload === null || calling === null || overloaded === null) return null;
  const room = Math.ceil(Math.max(calling, overloaded) / 100) * 100;
  return [
    `**Memory of a process**: some ${room} MiB, two hashes at a time among them. The most was ${inShort(calling)} MiB with up to 256 calls in flight`,
    `(commit ${signIns.commit}) and ${inShort(overloaded)} in a minute of ten times too many (commit ${overload.commit}; [performance.md](performance.md),`,
    '"Sign-ins" and "Overload"). Add `HASH_MEMORY_KIB` for each hash at a time beyond two.',
  ].join('\n');
}
