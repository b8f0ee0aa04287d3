import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';

const older = Buffer.alloc(32, 1);
const newer = Buffer.alloc(32, 2);
const box = createSealedBox(createPeppers([newer, older]), randomBytes);

test('what was sealed is read again in its place, and shows nothing of the text', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, unit: 'binary' }), fc.string(), (text, context) => {
      const sealed = box.seal(text, context);
      expect(sealed).toMatch(/^[0-9a-f]{12}\.[\w-]+$/);
      expect(sealed).not.toContain(text);
      expect(box.seal(text, context)).not.toBe(sealed);
      expect(box.open(sealed, context)).toBe(Buffer.from(text).toString());
    }),
  );
});

test('a box that was altered, moved or cut does not open', () => {
  const sealed = box.seal('596183', 'mail:1');
  expect(box.open(sealed, 'mail:2')).toBeNull();
  const [id = '', body = ''] = sealed.split('.');
  const bytes = Buffer.from(body, 'base64url');
  for (const at of bytes.keys()) {
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(box.open(`${id}.${altered.toString('base64url')}`, 'mail:1')).toBeNull();
    expect(box.open(`${id}.${bytes.subarray(0, at).toString('base64url')}`, 'mail:1')).toBeNull();
  }
  for (const foreign of ['', '.', id, 'nothing at all']) expect(box.open(foreign, 'mail:1')).toBeNull();
});

test('a box outlives a change of the pepper for as long as the earlier one is given', () => {
  const before = createSealedBox(createPeppers([older]), randomBytes);
  const sealed = before.seal('596183', 'mail:1');
  expect(box.open(sealed, 'mail:1')).toBe('596183');
  const without = createSealedBox(createPeppers([newer]), randomBytes);
  expect(without.open(sealed, 'mail:1')).toBeNull();
});
