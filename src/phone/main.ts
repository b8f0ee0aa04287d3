import { phone } from './command.ts';

process.exitCode = await phone(process.argv.slice(2), {
  env: process.env,
  keyboard: process.stdin,
  output: process.stdout,
  onCaller(caller) {
    // The first signal hangs up and lets the service know; a second one ends the program at once.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, caller.hangUp);
  },
});
