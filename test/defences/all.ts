/** All defences that are taken out in turn by `npm run test:defences`, by area. */
import type { Defence } from './defence.ts';
import { defences as fuzz } from './fuzz.ts';
import { defences as operate } from './operate.ts';
import { defences as storeFaults } from './store-faults.ts';

export const areas: Readonly<Record<string, readonly Defence[]>> = {
  fuzz,
  operate,
  'store-faults': storeFaults,
};
