/**
 * `/statistics`: what happened in the last days.
 */
import { z } from 'zod';
import type { StatisticKind, Statistics } from '../../services/statistics.ts';
import { time } from '../bodies.ts';
import { answerSchemas } from '../components.ts';
import { toIso } from '../input.ts';
import { type Route, route } from '../route.ts';

const hourAnswer = z
  .strictObject({
    at: time.describe('The beginning of the hour.'),
    signIns: z.int(),
    failedTries: z.int().describe('Wrong PINs.'),
    locks: z.int().describe('Accounts that were locked.'),
    refusedPins: z.int().describe('New PINs that a policy refused.'),
    pinChanges: z.int(),
    mailsGivenUp: z.int().describe('Mails that could not be sent.'),
    alerts: z.int().describe('Spent failure budgets, and addresses that try tokens.'),
  } satisfies Record<'at' | StatisticKind, z.ZodType>)
  .register(answerSchemas, { id: 'StatisticsHour' });

const statisticsAnswer = z
  .strictObject({ hours: z.array(hourAnswer).describe('The last seven days, the present hour last.') })
  .register(answerSchemas, { id: 'Statistics' });

export function createStatisticsRoutes(statistics: Statistics): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/statistics',
        operation: 'statistics.read',
        summary: 'Read what happened by the hour',
        description: 'Figures of a few seconds may be missing, or after a crash be lost.',
        answers: { 200: { description: 'The figures.', json: statisticsAnswer } },
        problems: [],
      },
      async ({ response }) => {
        const hours = await statistics.read();
        response.json({ hours: hours.map(({ at, ...counts }) => ({ at: toIso(at), ...counts })) });
      },
    ),
  ];
}
