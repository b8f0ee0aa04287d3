/** The suites, in the order in which they run and stand in the document. */
import type { Suite } from './frame/suite.ts';

export const suites: readonly Suite[] = [];
