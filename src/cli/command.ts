/**
 * `ringkey`: the command line for administrators. It speaks to the admin API, and knows nothing else of the service.
 */
import { Command, CommanderError } from 'commander';
import project from '../../package.json' with { type: 'json' };
import { addAuditCommands } from './audit-commands.ts';
import { addCompletionCommand } from './completion.ts';
import { createContext, type Surroundings } from './context.ts';
import { addExportCommand } from './export-commands.ts';
import { type ExitCode, exitCodes, Failure } from './failure.ts';
import { addPinCommands } from './pin-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addTokenCommands } from './token-commands.ts';
import { addUserCommands } from './user-commands.ts';

const closing = `
The service and the token come from RINGKEY_URL and RINGKEY_TOKEN, or from a profile: a file with
{"url": "https://pin.example.com", "token": "…"} that only you may read (mode 0600), by default
~/.config/ringkey/profile.json.

Exit codes: 0 done, 1 some failed, 2 usage, 3 not permitted, 4 not found, 5 unreachable.
`;

/** Runs a command and returns its exit code (`exitCodes`). Records go to `output`, everything else to `errors`. */
export async function ringkey(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output, errors } = surroundings;
  let exitCode: ExitCode = exitCodes.done;
  const program = new Command('ringkey')
    .description('Administers Ringkey: users, their PINs and locks.')
    .version(project.version, '--version', 'show the version of this program')
    .option('--json', 'print lines of JSON even on a terminal')
    .option('--profile <file>', 'take the service and the token from this file')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => output.write(text), writeErr: (text) => errors.write(text) })
    .addHelpText('after', closing)
    .exitOverride();
  const context = createContext(program, surroundings, (code) => {
    exitCode = code;
  });
  addUserCommands(program, context);
  addPinCommands(program, context);
  addPolicyCommands(program, context);
  addTokenCommands(program, context);
  addAuditCommands(program, context);
  addExportCommand(program, context);
  addCompletionCommand(program, context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // What commander throws, it has said already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!(error instanceof Failure)) throw error;
    context.say(error.message);
    return error.exitCode;
  }
}
