/**
 * Reads a Dockerfile, as far as ours goes: one instruction a line, comments, no continued lines.
 */

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** Its instructions, in order. @throws Error when a line is none. */
export function instructionsOf(text: string): Instruction[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, name, value] = /^([A-Z]+) (.*[^\\])$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`This is no instruction: ${line}`);
    return [{ name, value }];
  });
}

/** `A=1 B=2`, as ENV and a unit's Environment write it. */
export function settingsIn(text: string): Record<string, string> {
  return Object.fromEntries(text.split(' ').map((pair) => pair.split('=') as [string, string]));
}

/** The names at the top of the checkout that `.dockerignore` lets into the image, if it leaves out all but those. */
export function namesLetIn(ignore: string): string[] {
  const lines = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*') throw new Error('It does not leave out everything first.');
  return lines.slice(1).map((line) => line.replace(/^!/, ''));
}
