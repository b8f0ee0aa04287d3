import { expect, it } from 'vitest';
import { isPopular } from '../../../src/core/pin/popular.ts';

it.each(['1000', '9000', '1100', '2500', '1025', '2425'])('%s is one that many choose', (pin) => {
  expect(isPopular(pin)).toBe(true);
});

it.each(['2600', '1026', '2524', '0900', '0405'])('%s lies just outside', (pin) => {
  expect(isPopular(pin)).toBe(false);
});
