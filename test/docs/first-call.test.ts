/**
 * The first call, as the README shows it, goes as the README shows it.
 */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = /\n## A first call\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
const blocks = [...section.matchAll(/```console\n(.*?)```/gs)].map(([, block = '']) => block);

/** The commands of a block, each with what is printed after it. */
function commandsOf(block: string): { readonly command: string; readonly printed: readonly string[] }[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...printed] = text.trim().split('\n');
      return { command, printed };
    });
}

/** Plays a command of the admin API, and holds its answer to the members that are printed. Returns the answer. */
async function playApi({ api }: TestService, command: string, printed: string) {
  const [, path = '', method, body] =
    /^api localhost:3000\/api\/v1(\S+)(?: -X (\w+))?(?: -d '(.+)')?$/.exec(command) ?? [];
  const answer = await api(method ?? (body === undefined ? 'GET' : 'POST'), path, body);
  const members = [...printed.matchAll(/"(\w+)":("[^"]*"|true|false|null|\d+)/g)];
  expect(members.length).toBeGreaterThan(2);
  for (const [, name = '', value = ''] of members) {
    if (['id', 'userId', 'pin'].includes(name)) expect(answer.body[name]).toBeTypeOf('string');
    else expect(answer.body).toHaveProperty(name, JSON.parse(value));
  }
  return answer.body;
}

/** Plays a call: keys are what stands after the dots. `pins` says what a PIN that is printed is really. */
async function playCall(
  { dial }: TestService,
  printed: readonly string[],
  pins: ReadonlyMap<string, string>,
) {
  const call = await dial();
  for (const line of printed) {
    const [, said] = /^☎ {2}"(.*)"$/.exec(line) ?? [];
    const [, dots = '', keys = ''] = /^(•+) +# ([0-9*#]+)$/.exec(line) ?? [];
    if (said !== undefined) expect(call.heard()).toBe(said);
    else if (keys !== '') {
      expect(dots).toHaveLength(keys.length);
      const pin = keys.replace('#', '');
      await call.press(keys.replace(pin, pins.get(pin) ?? pin));
    } else {
      expect(line).toBe('[the service hung up]');
      expect(call.ended).toEqual({ by: 'document' });
    }
  }
  expect(call.problems).toEqual([]);
}

test("the README's first call", async () => {
  const service = await startTestService();
  onTestFinished(() => service.stop());
  const pins = new Map<string, string>();

  async function play(block: string): Promise<void> {
    for (const { command, printed } of commandsOf(block)) {
      if (command === 'npm run phone') await playCall(service, printed, pins);
      if (!command.startsWith('api localhost')) continue;
      const text = printed.join('\n');
      const answer = await playApi(service, command, text);
      const shown = /"pin":"(\d+)"/.exec(text)?.[1];
      if (shown !== undefined) pins.set(shown, String(answer.pin));
    }
  }

  const [makeUser = '', signIn = '', guess = '', lock = '', unlock = '', ...others] = blocks;
  await play(makeUser);
  expect(pins.size).toBe(1);
  await play(signIn);
  for (const _call of ['this one', 'two more', 'like this']) await play(guess);
  await play(lock);
  await play(unlock);
  expect(others).toEqual([]);
});
