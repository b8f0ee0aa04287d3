/**
 * The settings as `.env.example` and the README list them are the settings that there are.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { settings } from '../../src/config.ts';

const root = new URL('../../', import.meta.url);
const names = settings.map(({ name }) => name);

interface Entry {
  readonly name: string;
  readonly isCommentedOut: boolean;
  readonly comments: readonly string[];
}

/** The entries of `.env.example`: comments, then a line with the name, which may be commented out. */
function entriesOf(text: string): Entry[] {
  return text.split('\n\n').flatMap((block) => {
    const lines = block.trim().split('\n');
    const [, hash = '', name] = /^(# )?([A-Z_]+)=/.exec(lines.at(-1) ?? '') ?? [];
    if (name === undefined) return [];
    const comments = lines.slice(0, -1).map((line) => line.replace(/^# /, ''));
    return [{ name, isCommentedOut: hash !== '', comments }];
  });
}

describe('.env.example', () => {
  const text = readFileSync(new URL('.env.example', root), 'utf8');
  const entries = entriesOf(text);

  test('lists every setting once, in order, and nothing else', () => {
    expect(entries.map(({ name }) => name)).toEqual(names);
    expect(text.match(/^(# )?[A-Z_]+=/gm)).toHaveLength(names.length);
  });

  test.each(settings)('says of $name what it means, and what holds without it', (setting) => {
    const entry = entries.find(({ name }) => name === setting.name);
    const fallback = 'fallback' in setting ? setting.fallback : null;
    const notes = [
      ...('requiredInProduction' in setting ? ['Needed in production.'] : []),
      ...(fallback === null ? [] : [`Default: ${fallback}.`]),
    ];
    expect(entry?.comments).toEqual([setting.meaning, ...(notes.length === 0 ? [] : [notes.join(' ')])]);
    expect(entry?.isCommentedOut).toBe(fallback !== null);
  });

  test('sets nothing', () => {
    expect(text.match(/^[A-Z_]+=.+$/gm)).toBeNull();
  });
});

describe("the README's table of settings", () => {
  const text = readFileSync(new URL('README.md', root), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.*) \|$/gm)];

  test('lists every setting once, in order, with its meaning and what holds without it', () => {
    expect(rows.map(([, name, meaning, fallback]) => ({ name, meaning, fallback }))).toEqual(
      settings.map((setting) => ({
        name: setting.name,
        meaning: setting.meaning,
        fallback:
          ('fallback' in setting ? setting.fallback : '–') +
          ('requiredInProduction' in setting ? '; needed in production' : ''),
      })),
    );
  });
});
