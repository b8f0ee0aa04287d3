/**
 * Writes every letter in every language as a page, to look at after a change of its words or its look:
 *   npx tsx scripts/show-letters.ts <folder>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { letterSamples } from '../src/mail/letter-samples.ts';
import { renderLetter } from '../src/mail/render.ts';
import { loadLetterWords } from '../src/mail/words.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: npx tsx scripts/show-letters.ts <folder>\n');
  process.exit(2);
}

const recipient = { name: 'Ada Lovelace', extension: '1001' };
const house = { accessNumber: '+1 555 010 0000', helpContact: 'extension 4444, help@example.com' };
const options = { house, timeZone: 'Europe/Berlin' };

mkdirSync(folder, { recursive: true });
for (const words of Object.values(loadLetterWords())) {
  for (const [kind, letters] of Object.entries(letterSamples)) {
    for (const [index, letter] of letters.entries()) {
      const { subject, text, html } = renderLetter(letter, recipient, { ...options, words });
      const path = join(folder, `${kind}-${index + 1}.${words.locale}`);
      writeFileSync(`${path}.html`, html);
      writeFileSync(`${path}.txt`, `${subject}\n\n${text}`);
    }
  }
}
