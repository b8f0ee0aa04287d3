/**
 * PINs that read as a date. People choose their own and their family's days and years more than anything else, and
 * a colleague knows many of them.
 */

/** The ways to write a date in so many digits; day, month and year each have their letter. */
const formats: Readonly<Record<number, readonly string[]>> = {
  4: ['MMDD', 'DDMM', 'YYYY'],
  6: ['MMDDYY', 'DDMMYY', 'YYMMDD', 'MMYYYY', 'YYYYMM'],
  8: ['MMDDYYYY', 'DDMMYYYY', 'YYYYMMDD'],
};

/** Whether the PIN is a day and month, a year, or a full date in one of the usual orders. */
export function readsAsDate(pin: string): boolean {
  return (formats[pin.length] ?? []).some((format) => fits(pin, format));
}

function fits(pin: string, format: string): boolean {
  const digitsOf = (letter: string) => [...pin].filter((_, i) => format[i] === letter).join('');
  return isDayAndMonth(digitsOf('D'), digitsOf('M')) && isYear(digitsOf('Y'));
}

const daysOfMonth: readonly number[] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A part that the format doesn't have is empty, and fits. */
function isDayAndMonth(day: string, month: string): boolean {
  if (month === '') return true;
  const lastDay = daysOfMonth[Number(month) - 1] ?? 0;
  const dayNumber = day === '' ? 1 : Number(day);
  return dayNumber >= 1 && dayNumber <= lastDay;
}

/**
 * Four digits: 1900 to 2039, or a year of birth in the Thai calendar (2513 to 2542 are 1970 to 1999).
 * Two digits: 1940 to 2029. The thirties are left out: too early for most births, too late for what is past, and each
 * decade costs nearly a hundredth of all PINs with six digits.
 */
function isYear(year: string): boolean {
  if (year === '') return true;
  const number = Number(year);
  if (year.length === 2) return number >= 40 || number <= 29;
  return (number >= 1900 && number <= 2039) || (number >= 2513 && number <= 2542);
}
