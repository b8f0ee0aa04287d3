/**
 * `ringkey token`: the tokens of the API.
 */
import { type Command, Option } from 'commander';
import { dryRunOf, part } from './client.ts';
import type { Context } from './context.ts';
import { examples } from './examples.ts';
import { forEachIdentity } from './identities.ts';
import { printAll } from './lists.ts';

const columns = ['id', 'name', 'role', 'scope', 'mayIgnoreScope', 'createdAt', 'expiresAt'];

interface NewTokenOptions {
  readonly role: string;
  readonly scope?: string;
  readonly mayIgnoreScope?: true;
  readonly expiresInDays?: string;
  readonly whatIf?: true;
}

export function addTokenCommands(program: Command, context: Context): void {
  const token = program.command('token').description('make, list and revoke tokens of the API');

  token
    .command('add')
    .description('make a token; it is shown this once')
    .argument('<name>', 'what it is called in the audit trail')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['viewer', 'helpdesk', 'admin', 'auditor'])
        .makeOptionMandatory(),
    )
    .option('--scope <dn>', 'the organisational unit that it is confined to')
    .option('--may-ignore-scope', 'let it reach out of the scope, for a user named by DN')
    .option('--expires-in-days <days>', 'without it, the token is good until it is revoked')
    .option('--what-if', 'have it checked, and do nothing')
    .addHelpText(
      'after',
      examples(
        'ringkey token add help-desk --role helpdesk --expires-in-days 365',
        'ringkey token add sales-desk --role helpdesk --scope "OU=Sales,DC=example,DC=com"',
      ),
    )
    .action(async (name: string, { expiresInDays, whatIf, ...grant }: NewTokenOptions) => {
      const days = expiresInDays === undefined ? {} : { expiresInDays: Number(expiresInDays) };
      const records = context.records(columns);
      const client = whatIf ? dryRunOf(context.client()) : context.client();
      records.add(await client.send('POST', '/tokens', { name, ...grant, ...days }));
      records.finish();
    });

  token
    .command('list')
    .description('show all tokens, without their secrets')
    .addHelpText('after', examples('ringkey token list'))
    .action(() => printAll(context, columns, ['/tokens', 'tokens']));

  token
    .command('revoke')
    .description('revoke tokens; they are refused from then on')
    .argument('<id...>', 'as "token list" shows it')
    .option('--what-if', 'have it checked, and do nothing')
    .addHelpText('after', examples('ringkey token revoke 6f1c0a92b3d4e5f6'))
    .action(async (ids: string[], { whatIf }: { readonly whatIf?: true }) => {
      const client = whatIf ? dryRunOf(context.client()) : context.client();
      await forEachIdentity(context, ids, columns, async (id) => {
        const tried = await client.send('DELETE', `/tokens/${part(id)}`);
        return whatIf ? tried : { id, revoked: true };
      });
    });
}
