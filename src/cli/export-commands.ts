/**
 * `ringkey user export` and `ringkey export`: what the service knows, but for secrets.
 */
import { once } from 'node:events';
import type { Command } from 'commander';
import type { Query } from './client.ts';
import type { Context } from './context.ts';
import { examples } from './examples.ts';
import { exitCodes, Failure } from './failure.ts';
import { filterOf, withFilters } from './lists.ts';

export function addUserExportCommand(user: Command, context: Context): void {
  withFilters(user.command('export').description('print users as CSV, which can be imported again'))
    .addHelpText(
      'after',
      examples('ringkey user export > users.csv', 'ringkey user export --no-pin-set --json'),
    )
    .action(async (options: Query) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(filterOf(options))) query.set(name, String(value));
      const path = `/users/export?${query}`;
      const client = context.client();
      if (!context.wantsJson()) {
        for await (const piece of client.text(path)) await write(context, piece);
        return;
      }
      for await (const line of client.lines('GET', path, { accept: 'application/x-ndjson' }))
        await write(context, `${JSON.stringify(line)}\n`);
    });
}

export function addExportCommand(program: Command, context: Context): void {
  program
    .command('export')
    .description('print policies, users and tokens as lines of JSON, without PINs and secrets')
    .addHelpText('after', examples('ringkey export > ringkey.ndjson'))
    .action(async () => {
      let isWhole = false;
      for await (const line of context.client().lines('GET', '/export')) {
        isWhole = 'end' in line;
        await write(context, `${JSON.stringify(line)}\n`);
      }
      if (!isWhole) throw new Failure(exitCodes.unreachable, 'The export was cut short. Try again.');
    });
}

/** Waits for whoever reads slowly. */
async function write({ output }: Context, text: string): Promise<void> {
  if (!output.write(text)) await once(output, 'drain');
}
