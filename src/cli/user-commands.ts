/**
 * `ringkey user`: the users.
 */
import type { Command } from 'commander';
import { part } from './client.ts';
import type { Context } from './context.ts';
import { forEachIdentity, readIdentities } from './identities.ts';

const columns = ['extension', 'displayName', 'email', 'phoneNumbers', 'dn', 'policy', 'enabled', 'id'];

/** The options of `user add`, as commander names them: the names of the API's fields. */
interface UserOptions {
  readonly displayName?: string;
  readonly email?: string;
  readonly upn?: string;
  readonly alias?: string;
  readonly sipAddress?: string;
  readonly account?: string;
  readonly dn?: string;
  readonly legacyExchangeDn?: string;
  readonly phoneNumbers?: string[];
  readonly locale?: string;
  readonly policy?: string;
  readonly enabled: boolean;
}

export function addUserCommands(program: Command, context: Context): void {
  const user = program.command('user').description('make and show users');

  user
    .command('add')
    .description('make a user; it has no PIN until one is set')
    .argument('<extension>', 'the digits that the user keys')
    .option('--display-name <name>')
    .option('--email <address>')
    .option('--upn <name>', 'user principal name')
    .option('--alias <name>')
    .option('--sip-address <address>')
    .option('--account <name>', 'domain\\logon')
    .option('--dn <name>', 'distinguished name')
    .option('--legacy-exchange-dn <name>')
    .option('--phone-numbers <number...>', 'numbers that the user calls from, E.164')
    .option('--locale <language>', 'such as de-DE')
    .option('--policy <name>', 'PIN policy')
    .option('--no-enabled', 'make a user who may not sign in')
    .addHelpText(
      'after',
      '\nExample:\n  ringkey user add 1001 --display-name "Ada Lovelace" --email ada@example.com\n',
    )
    .action(async (extension: string, options: UserOptions) => {
      const records = context.records(columns);
      records.add(await context.client().send('POST', '/users', { extension, ...options }));
      records.finish();
    });

  user
    .command('get')
    .description('show users')
    .argument(
      '<identity...>',
      'id, extension, address, number or another name; "-" reads them from standard input',
    )
    .addHelpText('after', '\nExample:\n  ringkey user get 1001 ada@example.com\n')
    .action(async (given: string[]) => {
      const client = context.client();
      await forEachIdentity(context, await readIdentities(context, given), columns, (identity) =>
        client.send('GET', `/users/${part(identity)}`),
      );
    });
}
