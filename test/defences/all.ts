/** All defences that are taken out in turn by `npm run test:defences`, by area. */

import { defences as attack } from './attack.ts';
import { defences as crash } from './crash.ts';
import { defences as crowd } from './crowd.ts';
import type { Defence } from './defence.ts';
import { defences as fuzz } from './fuzz.ts';
import { defences as model } from './model.ts';
import { defences as operate } from './operate.ts';
import { defences as rotate } from './rotate.ts';
import { defences as speed } from './speed.ts';
import { defences as storeFaults } from './store-faults.ts';
import { defences as supply } from './supply.ts';

export const areas: Readonly<Record<string, readonly Defence[]>> = {
  attack,
  crash,
  crowd,
  fuzz,
  model,
  operate,
  rotate,
  speed,
  'store-faults': storeFaults,
  supply,
};
