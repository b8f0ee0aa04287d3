/** The suites, in the order in which they run and stand in the document. */
import type { Suite } from './frame/suite.ts';
import { besideOthers } from './suites/beside-others.ts';
import { costs } from './suites/costs.ts';
import { memory } from './suites/memory.ts';
import { overloads } from './suites/overload.ts';
import { profiles } from './suites/profiles.ts';
import { signIns } from './suites/sign-ins.ts';
import { size } from './suites/size.ts';
import { steps } from './suites/steps.ts';
import { width } from './suites/width.ts';

export const suites: readonly Suite[] = [
  signIns,
  memory,
  steps,
  profiles,
  overloads,
  size,
  width,
  besideOthers,
  costs,
];
