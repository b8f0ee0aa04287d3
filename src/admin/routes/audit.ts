/**
 * `/audit`: the trail, by pages or as a whole, and the check of its chain.
 */
import type { Request } from 'express';
import type { Accounts } from '../../services/accounts.ts';
import type { Audit, AuditFilter, AuditRecord } from '../../services/audit.ts';
import { auditCheckAnswer, auditPageAnswer, auditQuery, auditRecordAnswer } from '../audit-schemas.ts';
import { ambiguous } from '../find-account.ts';
import { toIso } from '../input.ts';
import { ndjson, stream } from '../ndjson.ts';
import { type Route, route } from '../route.ts';

const exportPage = 500;

export function createAuditRoutes(audit: Audit, accounts: Accounts): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/audit',
        operation: 'audit.read',
        summary: 'Read the audit trail',
        description:
          'Oldest first. By pages; or, with the header "Accept: application/x-ndjson", all at once, a record a line.',
        query: auditQuery,
        answers: {
          200: { description: 'Records of the trail.', json: auditPageAnswer, ndjson: auditRecordAnswer },
        },
        problems: ['identity_ambiguous'],
      },
      async ({ query, request, response }) => {
        const { limit, cursor = null, account, ...others } = query;
        const whose = account === undefined ? {} : { accountId: await idOf(accounts, account) };
        const filter: AuditFilter = { ...others, ...whose };
        if (wantsExport(request)) {
          await stream(response, ndjson, exported(audit, filter, cursor));
          return;
        }
        const page = await audit.query(filter, limit, cursor);
        response.json({
          records: page.records.map(recordBody),
          cursor: page.cursor === null ? null : Buffer.from(page.cursor, 'latin1').toString('base64url'),
        });
      },
    ),
    route(
      {
        method: 'get',
        path: '/audit/verification',
        operation: 'audit.read',
        summary: 'Check that the audit trail is whole',
        answers: { 200: { description: 'What the check found.', json: auditCheckAnswer } },
        problems: [],
      },
      async ({ response }) => {
        const { records, problem } = await audit.verify();
        response.json({ intact: problem === null, records, problem });
      },
    ),
  ];
}

/** The account that an identity names by now; one that was removed can still be named by its id. */
async function idOf(accounts: Accounts, identity: string): Promise<string> {
  const resolution = await accounts.resolve(identity);
  if (resolution.outcome === 'ambiguous') throw ambiguous(resolution.candidates);
  return resolution.outcome === 'found' ? resolution.account.id : identity;
}

function wantsExport(request: Request): boolean {
  return request.accepts(['application/json', ndjson]) === ndjson;
}

/** The whole trail, a line each, with one page at a time in memory. */
async function* exported(audit: Audit, filter: AuditFilter, start: string | null): AsyncGenerator<string> {
  let cursor = start;
  do {
    const page = await audit.query(filter, exportPage, cursor);
    for (const record of page.records) yield `${JSON.stringify(recordBody(record))}\n`;
    cursor = page.cursor;
  } while (cursor !== null);
}

function recordBody({ at, previousKeptUntil, ...record }: AuditRecord) {
  return { at: toIso(at), ...record, previousKeptUntil: toIso(previousKeptUntil) };
}
