/**
 * `/users/export` and `/export`: what the service knows, without secrets, a few dozen users at a time in memory.
 */
import { z } from 'zod';
import { type AccountFilter, recordedFilter } from '../../core/account-filter.ts';
import type { Actor, Audit } from '../../services/audit.ts';
import type { AccountFinder } from '../../services/find-accounts.ts';
import type { Policies } from '../../services/policies.ts';
import type { Tokens } from '../../services/tokens.ts';
import { listedUserAnswer, listedUserBody, time } from '../bodies.ts';
import { answerSchemas } from '../components.ts';
import { toIso } from '../input.ts';
import { ndjson, stream } from '../ndjson.ts';
import { policyAnswer, policyBody } from '../policy-schemas.ts';
import { type Route, route } from '../route.ts';
import { exportQuery } from '../schemas.ts';
import { tokenAnswer, tokenBody } from '../token-schemas.ts';
import { csvHeader, csvRow } from '../user-csv.ts';

interface ExportServices {
  readonly finder: AccountFinder;
  readonly policies: Policies;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly clock: () => number;
}

const csv = 'text/csv';
const tokensAtOnce = 500;

/** A line each; the last one tells that nothing is missing. */
const exportLine = z
  .union([
    z.strictObject({ export: z.strictObject({ version: z.literal(1), at: time }) }),
    z.strictObject({ policy: policyAnswer }),
    z.strictObject({ user: listedUserAnswer }),
    z.strictObject({ token: tokenAnswer }),
    z.strictObject({ end: z.strictObject({ policies: z.int(), users: z.int(), tokens: z.int() }) }),
  ])
  .register(answerSchemas, { id: 'ExportLine' });

export function createExportRoutes({ finder, policies, tokens, audit, clock }: ExportServices): Route[] {
  /** Recorded before anything is told. */
  async function record(actor: Actor, subject: 'users' | 'everything', filter: AccountFilter) {
    const event = { event: 'data.exported', actor, accountId: null, subject, outcome: 'done' } as const;
    await audit.append({ ...event, details: { filter: recordedFilter(filter) } });
  }

  async function* usersAsCsv(filter: AccountFilter, scope: string | null): AsyncGenerator<string> {
    yield csvHeader;
    for await (const found of finder.all({ filter, scope })) yield csvRow(listedUserBody(found));
  }

  async function* usersAsLines(filter: AccountFilter, scope: string | null): AsyncGenerator<string> {
    for await (const found of finder.all({ filter, scope })) yield lineOf(listedUserBody(found));
  }

  async function* everything(): AsyncGenerator<string> {
    const counts = { policies: 0, users: 0, tokens: 0 };
    yield lineOf({ export: { version: 1, at: toIso(clock()) } });
    for (const policy of await policies.list()) {
      counts.policies += 1;
      yield lineOf({ policy: policyBody(policy) });
    }
    for await (const found of finder.all({ filter: {}, scope: null })) {
      counts.users += 1;
      yield lineOf({ user: listedUserBody(found) });
    }
    let after: string | null = null;
    do {
      const page = await tokens.list(tokensAtOnce, after);
      for (const token of page) yield lineOf({ token: tokenBody(token) });
      counts.tokens += page.length;
      after = page.length < tokensAtOnce ? null : (page.at(-1)?.id ?? null);
    } while (after !== null);
    yield lineOf({ end: counts });
  }

  return [
    route(
      {
        method: 'get',
        path: '/users/export',
        // A user may go by this name. It is found under another identity.
        leavesOtherMethods: true,
        operation: 'users.list',
        summary: 'Export users',
        description:
          'As CSV that can be imported again; or, with the header "Accept: application/x-ndjson", as a line of JSON each.',
        query: exportQuery,
        answers: {
          200: { description: 'The users that fit, without PINs.', other: csv, ndjson: listedUserAnswer },
        },
        problems: [],
      },
      async ({ caller: { actor, scope }, query, request, response }) => {
        await record(actor, 'users', query);
        const asLines = request.accepts([csv, ndjson]) === ndjson;
        await (asLines
          ? stream(response, ndjson, usersAsLines(query, scope))
          : stream(response.attachment('users.csv'), csv, usersAsCsv(query, scope)));
      },
    ),
    route(
      {
        method: 'get',
        path: '/export',
        operation: 'data.export',
        summary: 'Export everything but secrets',
        description:
          'Policies, users with the status of their PINs, and tokens without their secrets. The last line is "end"; without it, the export was cut short.',
        answers: { 200: { description: 'A line of JSON for each.', ndjson: exportLine } },
        problems: [],
      },
      async ({ caller: { actor }, response }) => {
        await record(actor, 'everything', {});
        await stream(response, ndjson, everything());
      },
    ),
  ];
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
