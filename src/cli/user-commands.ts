/**
 * `ringkey user`: the users.
 */
import { type Command, Option } from 'commander';
import { dryRunOf } from './client.ts';
import type { Context } from './context.ts';
import { examples } from './examples.ts';
import { addUserExportCommand } from './export-commands.ts';
import {
  type ChangeOptions,
  changeEach,
  forEachIdentity,
  type LookOptions,
  readIdentities,
  userPath,
  withChange,
  withIdentities,
} from './identities.ts';
import { addImportCommand } from './import-command.ts';
import { printAll, type UserFilter, withFilters } from './lists.ts';

const columns = ['extension', 'displayName', 'email', 'phoneNumbers', 'dn', 'policy', 'enabled', 'id'];

/** What can be taken away from a user. */
const clearable = [
  'displayName',
  'email',
  'upn',
  'alias',
  'sipAddress',
  'account',
  'dn',
  'legacyExchangeDn',
  'locale',
  'policy',
];

/** The fields that were given, as commander names them: the names of the API. */
type Fields = Readonly<Record<string, string | string[] | boolean>>;

type SetOptions = ChangeOptions & { readonly clear?: string[] };

export function addUserCommands(program: Command, context: Context): void {
  const user = program.command('user').description('make, find, change and remove users');

  withFields(user.command('add').description('make a user; it has no PIN until one is set'))
    .argument('<extension>', 'the digits that the user keys')
    .option('--no-enabled', 'make a user who may not sign in')
    .option('--what-if', 'have it checked, and do nothing')
    .addHelpText(
      'after',
      examples('ringkey user add 1001 --display-name "Ada Lovelace" --email ada@example.com'),
    )
    .action(async (extension: string, { whatIf, ...fields }: Fields) => {
      const records = context.records(columns);
      const client = whatIf ? dryRunOf(context.client()) : context.client();
      records.add(await client.send('POST', '/users', { extension, ...fields }));
      records.finish();
    });

  addImportCommand(user, context);
  addUserExportCommand(user, context);

  withIdentities(user.command('get').description('show users'))
    .addHelpText('after', examples('ringkey user get 1001 ada@example.com'))
    .action(async (given: string[], options: LookOptions) => {
      const client = context.client();
      await forEachIdentity(context, await readIdentities(context, given), columns, (identity) =>
        client.send('GET', userPath(identity, options)),
      );
    });

  withFilters(user.command('list').description('find users'))
    .addHelpText(
      'after',
      examples(
        'ringkey user list --ou "OU=Sales,DC=example,DC=com"',
        'ringkey user list --display-name "Ada*"',
      ),
    )
    .action((filter: UserFilter) => printAll(context, columns, ['/users', 'users'], filter));

  withFields(withChange(user.command('set').description('change users; what is not named stays')))
    .option('--extension <digits>')
    .option('--enabled', 'let users sign in')
    .option('--no-enabled', 'let users sign in no more')
    .addOption(new Option('--clear <field...>', 'take these away').choices(clearable))
    .addHelpText(
      'after',
      examples(
        'ringkey user set 1001 --email ada@example.com',
        'ringkey user list --ou "OU=Sales,DC=example,DC=com" | ringkey user set - --policy lync',
      ),
    )
    .action(async (given: string[], options: SetOptions & Fields) => {
      const { whatIf, confirm, yes, ignoreScope, clear = [], ...fields } = options;
      const cleared = Object.fromEntries(clear.map((field) => [field, null]));
      await changeEach(context, given, options, {
        what: 'Change',
        columns,
        act: (client, identity) =>
          client.send('PATCH', userPath(identity, options), { ...fields, ...cleared }),
      });
    });

  withChange(user.command('remove').description('remove users and their PINs; asks unless --yes is said'))
    .addHelpText('after', examples('ringkey user remove 1001'))
    .action(async (given: string[], options: ChangeOptions) => {
      await changeEach(context, given, options, {
        what: 'Remove',
        columns,
        asksAlways: true,
        async act(client, identity) {
          const removed = await client.send('GET', userPath(identity, options));
          await client.send('DELETE', userPath(identity, options));
          return removed;
        },
      });
    });
}

/** Adds the fields of a user, but for the extension. */
function withFields(command: Command): Command {
  return command
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
    .option('--policy <name>', 'PIN policy');
}
