/**
 * `ringkey pin`: the PINs of users.
 */
import type { Command } from 'commander';
import { type Client, type Json, part } from './client.ts';
import { type Context, readSecret } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { type ChangeOptions, confirmChange, forEachIdentity, readIdentities } from './identities.ts';

const columns = [
  'extension',
  'pin',
  'whatIf',
  'pinSet',
  'pinExpired',
  'lockedOut',
  'lockReason',
  'lockedUntil',
  'firstTimeUser',
  'failedAttempts',
  'lastSignInAt',
];

interface ResetOptions extends ChangeOptions {
  readonly pin?: string;
  readonly pinFile?: string;
  /** commander sets it, true unless `--no-pin-expired` is given. */
  readonly pinExpired: boolean;
  readonly lockedOut?: true;
  readonly reveal?: true;
}

const identities = 'id, extension, address, number or another name; "-" reads them from standard input';

export function addPinCommands(program: Command, context: Context): void {
  const pin = program.command('pin').description('look at PINs, reset, lock, unlock and expire them');

  pin
    .command('get')
    .description("show the status of users' PINs")
    .argument('<identity...>', identities)
    .addHelpText('after', examples('ringkey pin get 1001', 'ringkey pin get ada@example.com 1002 --json'))
    .action(async (given: string[]) => {
      const client = context.client();
      await forEachIdentity(context, await readIdentities(context, given), columns, (identity) =>
        client.send('GET', pathOf(identity)),
      );
    });

  changing(pin.command('reset').description('give users a new PIN: a generated one, or one that you type'))
    .option('--pin <->', 'the new PIN, typed when asked or read from standard input; only "-" may stand here')
    .option('--pin-file <file>', 'a file that holds the new PIN in its first line')
    .option('--no-pin-expired', "don't ask for a change at the next sign-in")
    .option('--locked-out', 'keep a lock, or set one; otherwise a reset unlocks')
    .option('--reveal', 'show the new PIN, this once')
    .addHelpText(
      'after',
      examples(
        'ringkey pin reset 1001 --reveal',
        'ringkey pin reset 1001 --pin -',
        'ringkey pin reset 1001 --pin-file pin.txt --no-pin-expired',
      ),
    )
    .action(async (given: string[], options: ResetOptions) => {
      if (options.pin === '-' && given.includes('-'))
        throw new Failure(
          exitCodes.usage,
          'Standard input holds either the identities or the PIN. Use --pin-file.',
        );
      const hasPin = options.pin !== undefined || options.pinFile !== undefined;
      const newPin = hasPin
        ? await readSecret(context, 'PIN', options.pin ?? null, options.pinFile ?? null)
        : undefined;
      await change(context, given, options, 'Reset the PIN of', (client, identity) =>
        client.send('POST', `${pathOf(identity)}/reset`, {
          ...(newPin === undefined ? {} : { pin: newPin }),
          pinExpired: options.pinExpired,
          lockedOut: options.lockedOut ?? false,
          reveal: options.reveal ?? false,
        }),
      );
    });

  const statusChanges = [
    { name: 'lock', what: 'Lock', body: { lockedOut: true }, does: 'lock users out until they are unlocked' },
    { name: 'unlock', what: 'Unlock', body: { lockedOut: false }, does: 'let locked users sign in again' },
    {
      name: 'expire',
      what: 'Expire the PIN of',
      body: { pinExpired: true },
      does: 'ask users for a new PIN at the next sign-in',
    },
  ];
  for (const { name, what, body, does } of statusChanges) {
    changing(pin.command(name).description(`${does}; the PIN stays as it is`))
      .addHelpText(
        'after',
        examples(`ringkey pin ${name} 1001`, `ringkey pin ${name} - --yes < extensions.txt`),
      )
      .action(async (given: string[], options: ChangeOptions) => {
        await change(context, given, options, what, (client, identity) =>
          client.send('PATCH', pathOf(identity), body),
        );
      });
  }
}

/** The options that every change of one or many has. */
function changing(command: Command): Command {
  return command
    .argument('<identity...>', identities)
    .option('--what-if', 'say what would be done, and do nothing')
    .option('--confirm', 'ask before it is done')
    .option('--yes', "don't ask, even if many are changed");
}

async function change(
  context: Context,
  given: readonly string[],
  options: ChangeOptions,
  what: string,
  act: (client: Client, identity: string) => Promise<Json>,
): Promise<void> {
  const client = context.client();
  const whom = await readIdentities(context, given);
  await confirmChange(what, whom, options);
  await forEachIdentity(context, whom, columns, async (identity) => {
    if (!options.whatIf) return act(client, identity);
    // Nothing that changes is sent: what would be done is told from the status.
    const status = await client.send('GET', pathOf(identity));
    return { ...status, whatIf: `${what} ${status.extension}` };
  });
}

function pathOf(identity: string): string {
  return `/users/${part(identity)}/pin`;
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
