/** The suites, in the order in which they run and stand in the document. */
import type { Suite } from './frame/suite.ts';
import { size } from './suites/size.ts';

export const suites: readonly Suite[] = [size];
