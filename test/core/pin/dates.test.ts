import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readsAsDate } from '../../../src/core/pin/dates.ts';
import { everyFourDigitPin } from './support.ts';

describe('dates', () => {
  it('are refused in every usual order', () => {
    const days = fc.date({ min: new Date('1940-01-01'), max: new Date('2029-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const [year = '', month, day] = date.toISOString().slice(0, 10).split('-');
        const short = year.slice(2);
        const written = [
          `${month}${day}`,
          `${day}${month}`,
          year,
          `${month}${day}${short}`,
          `${day}${month}${short}`,
          `${short}${month}${day}`,
          `${month}${year}`,
          `${year}${month}`,
          `${month}${day}${year}`,
          `${day}${month}${year}`,
          `${year}${month}${day}`,
        ];
        for (const pin of written) expect(readsAsDate(pin), pin).toBe(true);
      }),
    );
  });

  test.each(['0230', '3002', '3104', '0431', '0010', '1300', '1899', '2040', '2543'])('%s is none', (pin) => {
    expect(readsAsDate(pin)).toBe(false);
  });

  test.each(['310487', '311335', '123135', '001987', '198713', '31042012', '31121899'])(
    '%s is none',
    (pin) => {
      expect(readsAsDate(pin)).toBe(false);
    },
  );

  test.each(['12345', '1231999', '311219870'])('%s has no length that a date has', (pin) => {
    expect(readsAsDate(pin)).toBe(false);
  });

  it('are 588 days and 146 years more of the PINs with four digits', () => {
    expect(everyFourDigitPin.filter(readsAsDate)).toHaveLength(588 + 146);
  });
});
