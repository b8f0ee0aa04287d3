import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTexts } from '../../src/words/locale-file.ts';

function read(json: string) {
  const problems: string[] = [];
  const texts = readTexts('x.json', json, ({ path, line }, problem) =>
    problems.push(`${path}:${line}: ${problem}`),
  );
  return { texts, problems };
}

describe('readTexts', () => {
  it('reads every flat object of strings as JSON.parse does', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), {
          noNullPrototype: true,
        }),
        fc.constantFrom(undefined, 2),
        (object, indent) => {
          const { texts, problems } = read(JSON.stringify(object, null, indent));
          expect(problems).toEqual([]);
          expect([...(texts ?? [])].map(([key, { text }]) => [key, text])).toEqual(Object.entries(object));
        },
      ),
    );
  });

  it('accepts nothing that JSON.parse refuses', () => {
    const piece = fc.constantFrom('{', '}', ',', ':', '"a"', '"b"', '"\\x"', '"\t"', '1', ' ', '\n', '[');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const json = pieces.join('');
        if (read(json).texts) expect(() => JSON.parse(json)).not.toThrow();
      }),
      { numRuns: 5000 },
    );
  });

  it('tells the line of each text', () => {
    const { texts } = read('{\n\n  "a": "1",\n  "b": "2"\n}\n');
    expect([...(texts ?? [])].map(([key, { place }]) => [key, place.line])).toEqual([
      ['a', 3],
      ['b', 4],
    ]);
  });

  it.each([
    ['an empty file', '', 1],
    ['no object', '"a"', 1],
    ['a missing comma', '{\n"a": "1"\n"b": "2"\n}', 2],
    ['a missing quote', '{\n"a": "1",\n"b": "2\n}', 3],
    ['a comma too many', '{\n"a": "1",\n"b": "2",\n}', 3],
    ['a value that is no text', '{\n"a": "1",\n"b": 2\n}', 3],
    ['an escape that does not exist', '{\n"a": "\\x"\n}', 2],
    ['no end', '{\n"a": "1"', 2],
    ['something after the end', '{"a": "1"}\n}', 1],
  ])('refuses %s and names the line', (_, json, line) => {
    const { texts, problems } = read(json);
    expect(texts).toBeNull();
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^x\\.json:${line}: is not JSON of the form`)),
    ]);
  });

  it('reports a key that is there twice', () => {
    expect(read('{"a": "1",\n"a": "2"}').problems).toEqual(['x.json:2: "a" is here twice; remove one']);
  });
});
