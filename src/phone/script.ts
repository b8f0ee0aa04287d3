/**
 * Scripts: a call written down as keys and expectations, one per line. `docs/phone.md` describes them.
 */
import type { CallEnd } from './call.ts';
import { type Call, keysIn } from './dial.ts';

type Step =
  | { readonly kind: 'press'; readonly keys: string; readonly line: number }
  | { readonly kind: 'wait' | 'hang up'; readonly line: number }
  | { readonly kind: 'expect'; readonly words: string | RegExp; readonly line: number }
  | { readonly kind: 'expect-end'; readonly by: CallEnd['by'] | null; readonly line: number };

export type Script = readonly Step[];

/** A script that can't be read, or that the call didn't follow. The message starts with the line. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
  }
}

const ends: readonly CallEnd['by'][] = ['caller', 'document', 'reject', 'redirect', 'error'];

/** Reads a script. Empty lines and lines that start with # mean nothing. Throws a `ScriptError`. */
export function parseScript(text: string): Script {
  return text.split('\n').flatMap((row, index): Step[] => {
    const trimmed = row.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [parseStep(trimmed, index + 1)];
  });
}

function parseStep(row: string, line: number): Step {
  const [command = '', argument = ''] = row.split(/\s+(.*)/s);
  try {
    switch (command) {
      case 'press':
        if (keysIn(argument).length === 0) break;
        return { kind: 'press', keys: argument, line };
      case 'wait':
        if (argument !== '') break;
        return { kind: 'wait', line };
      case 'hang':
        if (argument !== 'up') break;
        return { kind: 'hang up', line };
      case 'expect':
        if (argument === '') break;
        return { kind: 'expect', words: wordsOf(argument), line };
      case 'expect-end': {
        const by = ends.find((end) => end === argument) ?? null;
        if (by === null && argument !== '') break;
        return { kind: 'expect-end', by, line };
      }
    }
  } catch (error) {
    throw new ScriptError(line, error instanceof Error ? error.message : String(error));
  }
  throw new ScriptError(
    line,
    `"${row}" is not a step; there are: press <keys>, wait, expect <text or /regular expression/>, ` +
      `expect-end [${ends.join('|')}], hang up`,
  );
}

function wordsOf(argument: string): string | RegExp {
  const pattern = /^\/(.+)\/(i?)$/s.exec(argument);
  return pattern === null ? argument : new RegExp(pattern[1] ?? '', `${pattern[2] ?? ''}u`);
}

/** Plays a script on a call, and hangs up at its end. Throws a `ScriptError` at the first step that fails. */
export async function runScript(script: Script, call: Call): Promise<void> {
  try {
    for (const step of script) await take(step, call);
  } finally {
    await call.hangUp();
  }
}

async function take(step: Step, call: Call): Promise<void> {
  switch (step.kind) {
    case 'press':
    case 'wait':
      if (call.ended !== null) {
        throw new ScriptError(step.line, `the call was over (${call.ended.by}); heard: ${call.heard()}`);
      }
      return step.kind === 'press' ? call.press(step.keys) : call.wait();
    case 'hang up':
      return call.hangUp();
    case 'expect': {
      const heard = call.heard();
      const found = typeof step.words === 'string' ? heard.includes(step.words) : step.words.test(heard);
      if (!found)
        throw new ScriptError(step.line, `expected ${step.words}, but heard: ${heard || 'nothing'}`);
      return;
    }
    case 'expect-end': {
      const by = call.ended?.by ?? null;
      if (by === null || (step.by !== null && step.by !== by)) {
        const expected = step.by === null ? 'the end of the call' : `an end by "${step.by}"`;
        const found = by === null ? 'the call goes on' : `the call ended by "${by}"`;
        throw new ScriptError(step.line, `expected ${expected}, but ${found}; heard: ${call.heard()}`);
      }
      return;
    }
  }
}
