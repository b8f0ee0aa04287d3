/**
 * `ringkey policy`: the PIN policies.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { dryRunOf, part } from './client.ts';
import { type Context, confirm } from './context.ts';
import { examples } from './examples.ts';
import { forEachIdentity } from './identities.ts';

const columns = ['name', 'minLength', 'lifetimeDays', 'historyCount', 'maxLogonAttempts', 'units'];

const policyList = z.object({ policies: z.array(z.record(z.string(), z.unknown())) });

interface SetOptions {
  readonly preset?: string;
  readonly units?: string[];
  readonly whatIf?: true;
}

type Settings = Readonly<Record<string, number | boolean>>;

export function addPolicyCommands(program: Command, context: Context): void {
  const policy = program.command('policy').description('the rules for PINs');

  policy
    .command('list')
    .description('show all policies')
    .addHelpText('after', examples('ringkey policy list'))
    .action(async () => {
      const records = context.records(columns);
      const { policies } = policyList.parse(await context.client().send('GET', '/policies'));
      for (const each of policies) records.add(each);
      records.finish();
    });

  policy
    .command('get')
    .description('show policies with all their settings')
    .argument('<name...>')
    .addHelpText('after', examples('ringkey policy get default'))
    .action(async (names: string[]) => {
      const client = context.client();
      await forEachIdentity(context, names, columns, (name) => client.send('GET', `/policies/${part(name)}`));
    });

  policy
    .command('set')
    .description('set a policy as a whole: settings that are not named are those of the preset')
    .argument('<name>')
    .argument('[setting=value...]', 'as "policy get" shows them', addSetting)
    .option('--preset <name>', 'default, exchange-um or lync')
    .option('--units <dn...>', 'the organisational units that it holds for')
    .option('--what-if', 'check it and show it, and do nothing')
    .addHelpText(
      'after',
      examples(
        'ringkey policy set sales minLength=8 lifetimeDays=90 --units "OU=Sales,DC=example,DC=com"',
        'ringkey policy set default --preset exchange-um --what-if',
      ),
    )
    .action(async (name: string, settings: Settings | undefined, { whatIf, ...options }: SetOptions) => {
      const records = context.records(columns);
      const client = whatIf ? dryRunOf(context.client()) : context.client();
      records.add(await client.send('PUT', `/policies/${part(name)}`, { ...options, ...settings }));
      records.finish();
    });

  policy
    .command('remove')
    .description('remove a policy that no user and no unit has')
    .argument('<name>')
    .option('--confirm', 'ask before it is done')
    .option('--what-if', 'have it checked, and do nothing')
    .addHelpText('after', examples('ringkey policy remove sales'))
    .action(async (name: string, options: { readonly confirm?: true; readonly whatIf?: true }) => {
      const client = options.whatIf ? dryRunOf(context.client()) : context.client();
      if (options.confirm && !options.whatIf) await confirm(context, `Remove the policy ${name}?`);
      await client.send('DELETE', `/policies/${part(name)}`);
    });
}

/** Reads `name=value` into the settings read before it; a value is a number, true or false. */
function addSetting(text: string, settings: Settings | undefined): Settings {
  const [, name, value] = /^(\w+)=(\d+|true|false)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('It must be a setting, "=", and a number, true or false.');
  return { ...settings, [name]: value === 'true' || (value !== 'false' && Number(value)) };
}
