/**
 * What the README tells those who know Exchange's and Lync's cmdlets works as it stands there.
 */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { recordsOf, runShell } from '../support/ringkey-command.ts';
import { startTestService } from '../support/service.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = /\n### For Exchange and Lync administrators\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
const rows = [...section.matchAll(/^\| `(.+?)`.*? \| `(ringkey .+?)`.* \|$/gm)].map(
  ([, cmdlet = '', command = '']) => ({ cmdlet, command: command.replaceAll('\\|', '|') }),
);

/** What each command must have done to the account; the PIN that it asks for is in standard input. */
const outcomes: readonly (readonly [command: RegExp, outcome: object])[] = [
  [/^ringkey policy set sales /, { name: 'sales', minLength: 8, lifetimeDays: 90 }],
  [/^ringkey audit list /, { event: 'pin.reset', outcome: 'done' }],
  [/^ringkey pin list --ou .*reset - /, { pin: expect.stringMatching(/^\d{6,}$/), extension: '1001' }],
  [
    /^ringkey pin list --no-pin-set .*reset - /,
    { pin: expect.stringMatching(/^\d{6,}$/), extension: '1002' },
  ],
  [/^ringkey pin list --locked-out .*unlock -$/, { lockedOut: false, extension: '1001' }],
  [/^ringkey user list --ou .*set - --policy lync$/, { policy: 'lync', extension: '1001' }],
  [/^ringkey pin reset .*--what-if$/, { whatIf: 'Reset the PIN of 1001', lockedOut: false, dryRun: true }],
  [/^ringkey pin get /, { pinSet: true, pinExpired: false, lockedOut: true, lockReason: 'administrator' }],
  [/^ringkey pin reset ada@example\.com$/, { mailTo: 'ada@example.com', pinExpired: true, lockedOut: false }],
  [/^ringkey pin reset .*--notify-email /, { mailTo: 'boss@example.com', pinExpired: true }],
  [
    /^ringkey pin reset .*--reveal$/,
    { pin: expect.stringMatching(/^\d{6,}$/), pinExpired: true, lockedOut: false },
  ],
  [
    /^ringkey pin reset .*--no-pin-expired --pin -$/,
    { pinExpired: false, lockedOut: false, lastSignInAt: null },
  ],
  [/^ringkey pin reset .*--pin -$/, { pinExpired: true, lockedOut: false }],
  [/^ringkey pin lock /, { pinExpired: false, lockedOut: true, lockReason: 'administrator' }],
  [/^ringkey pin unlock /, { pinExpired: false, lockedOut: false, failedAttempts: 0 }],
];

test('the README has a row for each kind of command', () => {
  expect(rows.length).toBeGreaterThanOrEqual(10);
  for (const [kind] of outcomes) expect(rows.filter(({ command }) => kind.test(command))).not.toEqual([]);
});

test.each(rows)('$cmdlet', async ({ command }) => {
  const service = await startTestService();
  onTestFinished(() => service.stop());
  const ada = {
    dn: 'CN=Ada,OU=Sales,DC=example,DC=com',
    email: 'ada@example.com',
    account: 'CORP\\ada',
    sipAddress: 'sip:ada@example.com',
  };
  await service.addUser({ extension: '1001', ...ada }, '271803', { lockedOut: true });
  await service.addUser({ extension: '1002', displayName: 'Grace Hopper' });
  const ran = await runShell(service, command, '1985848\n');
  expect(ran).toMatchObject({ code: 0, err: '' });
  const [, outcome] = outcomes.find(([kind]) => kind.test(command)) ?? [];
  expect(outcome).toBeDefined();
  expect(recordsOf(ran)).toEqual([expect.objectContaining(outcome ?? {})]);
});
