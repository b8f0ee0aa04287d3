import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

it('leaves no folder behind when it is ended in the middle', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const left = () => readdirSync(folder).filter((name) => name.startsWith('ringkey-'));
  const args = ['--import', 'tsx', program, 'steps', '--engine', 'embedded', '--rounds', '1'];
  const bench = await startProcess(process.execPath, args, (line) => line.includes('warming up'), {
    ...process.env,
    TMPDIR: folder,
  });
  onTestFinished(() => void bench.kill('SIGKILL'));
  expect(left()).toHaveLength(1);
  const ended = once(bench, 'exit');
  bench.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
  expect(left()).toEqual([]);
});
