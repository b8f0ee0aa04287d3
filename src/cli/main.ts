import { ringkey } from './command.ts';

// Whoever reads our output may stop early, as `head` does. Then there is nobody left to tell.
process.stdout.on('error', () => process.exit());

process.exitCode = await ringkey(process.argv.slice(2), {
  env: process.env,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  terminal: '/dev/tty',
});
