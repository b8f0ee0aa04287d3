/**
 * Letters as files, where there is no mail server.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import type { Recipient } from '../../src/core/letter.ts';
import { createMailer } from '../../src/mail/create-mailer.ts';
import { letterSamples } from '../../src/mail/letter-samples.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const [letter] = letterSamples.welcome;
const ada: Recipient = { address: 'ada@example.org', name: 'Ada', extension: '1001', locale: 'es-ES' };
const writtenAt = Date.UTC(2026, 2, 5, 14, 30);

function mailerInto(folder: string) {
  return createMailer({
    smtpUrl: null,
    mailFrom: null,
    folder,
    defaultLocale: 'en-US',
    timeZone: 'UTC',
    accessNumber: null,
    helpContact: null,
  });
}

test('a letter is a message in a file, for its owner alone', async () => {
  const folder = join(temporaryFolder(), 'data', 'mail');
  expect(await mailerInto(folder).send(letter, ada, { id: 'a1', writtenAt })).toEqual({
    outcome: 'accepted',
  });

  expect(readdirSync(folder)).toEqual(['20260305T143000.000Z-a1.eml']);
  const path = join(folder, '20260305T143000.000Z-a1.eml');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const source = readFileSync(path, 'utf8');
  expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  const mail = await simpleParser(source);
  expect(mail.from?.text).toBe('"Ringkey" <ringkey@localhost>');
  expect(mail.to).toMatchObject({ text: '"Ada" <ada@example.org>' });
  expect(mail.date?.getTime()).toBe(writtenAt);
  expect(mail.messageId).toBe('<a1@localhost>');
  expect(mail.text).toContain(letter.pin);
});

test('names sort by time, and a repeat takes the place of the first try', async () => {
  const folder = temporaryFolder();
  const mailer = mailerInto(folder);
  await mailer.send(letter, ada, { id: 'z', writtenAt: writtenAt - 1 });
  await mailer.send(letter, ada, { id: 'b', writtenAt });
  await mailer.send(letter, ada, { id: 'b', writtenAt });
  await mailer.send(letter, ada, { id: 'a', writtenAt: writtenAt + 86_400_000 });
  expect(readdirSync(folder).map((name) => name.slice(-5))).toEqual(['z.eml', 'b.eml', 'a.eml']);
});

test('what a try left that was cut short is in nobody’s way', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.20260305T143000.000Z-a.eml.part'), 'half a let', { mode: 0o644 });
  expect(await mailerInto(folder).send(letter, ada, { id: 'a', writtenAt })).toEqual({ outcome: 'accepted' });
  expect(readdirSync(folder)).toEqual(['20260305T143000.000Z-a.eml']);
  expect(statSync(join(folder, '20260305T143000.000Z-a.eml')).mode & 0o777).toBe(0o600);
});

test('a folder that can’t be written fails the letter, and nothing of it is told', async () => {
  const folder = join(temporaryFolder(), 'mail');
  writeFileSync(folder, 'a file');
  expect(await mailerInto(folder).send(letter, ada, { id: 'a', writtenAt })).toEqual({
    outcome: 'failed',
    why: 'The letter could not be written to a file (ENOTDIR).',
  });
});
