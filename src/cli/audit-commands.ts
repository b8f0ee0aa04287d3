/**
 * `ringkey audit`: the audit trail.
 */
import type { Command } from 'commander';
import type { Query } from './client.ts';
import type { Context } from './context.ts';
import { examples } from './examples.ts';
import { exitCodes } from './failure.ts';
import { printAll } from './lists.ts';

const columns = ['at', 'actor', 'event', 'accountId', 'subject', 'outcome', 'details'];

/** The filters as commander names them: the names of the API. */
interface AuditFilter extends Query {
  readonly account?: string;
  readonly actor?: string;
  readonly event?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addAuditCommands(program: Command, context: Context): void {
  const audit = program.command('audit').description('read the audit trail, and check that it is whole');

  audit
    .command('list')
    .description('show who did what to whom, oldest first')
    .option('--account <identity>', 'what was done to this user')
    .option('--actor <name>', 'what was done with the token of this name')
    .option('--event <event>', 'such as pin.reset')
    .option('--from <time>', 'RFC 3339, such as 2026-01-31T00:00:00Z')
    .option('--to <time>')
    .addHelpText(
      'after',
      examples('ringkey audit list --account 1001 --event pin.reset', 'ringkey audit list > trail.ndjson'),
    )
    .action((filter: AuditFilter) => printAll(context, columns, ['/audit', 'records'], filter));

  audit
    .command('verify')
    .description('check that no record was removed or altered; the exit code is 1 if one was')
    .addHelpText('after', examples('ringkey audit verify'))
    .action(async () => {
      const records = context.records(columns);
      const verification = await context.client().send('GET', '/audit/verification');
      records.add(verification);
      records.finish();
      if (verification.intact !== true) context.fail(exitCodes.failed);
    });
}
