/**
 * `ringkey pin`: the PINs of users.
 */
import type { Command } from 'commander';
import { z } from 'zod';
import { type Context, readSecret } from './context.ts';
import { examples } from './examples.ts';
import { exitCodes, Failure } from './failure.ts';
import {
  changeEach,
  forEachIdentity,
  type LookOptions,
  readIdentities,
  userPath,
  withChange,
  withIdentities,
} from './identities.ts';
import { printAll, type UserFilter, withCommonFilters, withFilters } from './lists.ts';
import { changeMany, chosenFilter, type ManyOptions } from './many-pins.ts';

const columns = [
  'extension',
  'pin',
  'pinSet',
  'pinExpired',
  'lockedOut',
  'lockReason',
  'lockedUntil',
  'firstTimeUser',
  'failedAttempts',
  'lastSignInAt',
];

/** In a list, a user carries the PIN's status. */
const listed = z.object({ pin: z.record(z.string(), z.unknown()) });

interface ResetOptions extends ManyOptions {
  readonly pin?: string;
  readonly pinFile?: string;
  /** commander sets it, true unless `--no-pin-expired` is given. */
  readonly pinExpired: boolean;
  readonly lockedOut?: true;
  readonly reveal?: true;
  /** commander sets it, true unless `--no-send-email` is given. */
  readonly sendEmail: boolean;
  readonly notifyEmail?: string;
}

export function addPinCommands(program: Command, context: Context): void {
  const pin = program.command('pin').description('look at PINs, reset, lock, unlock and expire them');

  withIdentities(pin.command('get').description("show the status of users' PINs"))
    .addHelpText('after', examples('ringkey pin get 1001', 'ringkey pin get ada@example.com 1002 --json'))
    .action(async (given: string[], options: LookOptions) => {
      const client = context.client();
      await forEachIdentity(context, await readIdentities(context, given), columns, (identity) =>
        client.send('GET', userPath(identity, options, '/pin')),
      );
    });

  withFilters(pin.command('list').description("find users by their PINs' status"))
    .addHelpText(
      'after',
      examples('ringkey pin list --no-pin-set', 'ringkey pin list --locked-out | ringkey pin unlock -'),
    )
    .action((filter: UserFilter) =>
      printAll(context, columns, ['/users', 'users'], filter, (user) => listed.parse(user).pin),
    );

  const reset = pin.command('reset');
  withMany(withCommonFilters(withChange(reset, '[identity...]')))
    .description('give users a new PIN: a generated one, or one that you type')
    .option('--pin <->', 'the new PIN, typed when asked or read from standard input; only "-" may stand here')
    .option('--pin-file <file>', 'a file that holds the new PIN in its first line')
    .option('--no-pin-expired', "don't ask for a change at the next sign-in")
    .option('--locked-out', 'keep a lock, or set one; otherwise a reset unlocks')
    .option('--reveal', 'show the new PIN, this once')
    .option('--no-send-email', "don't mail the new PIN to the user")
    .option('--notify-email <address>', "mail the new PIN there, not to the user's own address")
    .addHelpText(
      'after',
      examples(
        'ringkey pin reset 1001 --reveal',
        'ringkey pin reset 1001 --pin -',
        'ringkey pin reset 1001 --pin-file pin.txt --no-pin-expired',
        'ringkey pin reset --ou "OU=Sales,DC=example,DC=com" --reveal',
        'ringkey pin list --locked-out | ringkey pin reset - --reveal',
      ),
    )
    .action(async (given: string[], options: ResetOptions) => {
      const { pinExpired, lockedOut = false, reveal = false, sendEmail, notifyEmail, ...others } = options;
      const filter = chosenFilter(given, others);
      const body = { pinExpired, lockedOut, reveal, sendEmail };
      if (filter !== null) {
        if (options.pin !== undefined || options.pinFile !== undefined)
          throw new Failure(exitCodes.usage, 'No two users are given the same PIN. Have them generated.');
        if (notifyEmail !== undefined)
          throw new Failure(
            exitCodes.usage,
            'With --notify-email, name users. A filter mails each their own.',
          );
        await changeMany(context, filter, options, { what: 'Reset the PIN of', path: '/pins/reset', body });
        return;
      }
      const newPin = await readNewPin(context, given, options);
      await changeEach(context, given, options, {
        columns,
        what: 'Reset the PIN of',
        act: (client, identity) =>
          client.send('POST', userPath(identity, options, '/pin/reset'), {
            ...(newPin === null ? {} : { pin: newPin }),
            ...body,
            ...(notifyEmail === undefined ? {} : { notifyEmail }),
          }),
      });
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
    withMany(withFilters(withChange(pin.command(name), '[identity...]')))
      .description(`${does}; the PIN stays as it is`)
      .addHelpText(
        'after',
        examples(
          `ringkey pin ${name} 1001`,
          `ringkey pin ${name} - < extensions.txt`,
          `ringkey pin ${name} ${name === 'unlock' ? '--locked-out' : '--ou "OU=Sales,DC=example,DC=com"'}`,
        ),
      )
      .action(async (given: string[], options: ManyOptions & UserFilter) => {
        const filter = chosenFilter(given, options);
        if (filter !== null) {
          await changeMany(context, filter, options, { what, path: `/pins/${name}`, body: {} });
          return;
        }
        await changeEach(context, given, options, {
          columns,
          what,
          act: (client, identity) => client.send('PATCH', userPath(identity, options, '/pin'), body),
        });
      });
  }
}

/** Adds what changes of many take besides a filter. */
function withMany(command: Command): Command {
  return command
    .option('--all', 'everyone')
    .option('--idempotency-key <key>', 'go on with a change of many that was cut');
}

/** The PIN to set; null: one is to be generated. */
async function readNewPin(
  context: Context,
  given: readonly string[],
  { pin, pinFile }: ResetOptions,
): Promise<string | null> {
  if (pin === undefined && pinFile === undefined) return null;
  if (pin === '-' && given.includes('-')) {
    throw new Failure(
      exitCodes.usage,
      'Standard input holds either the identities or the PIN. Use --pin-file.',
    );
  }
  return readSecret(context, 'PIN', pin ?? null, pinFile ?? null);
}
