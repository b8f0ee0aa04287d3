/**
 * Asterisk's `voicemail.conf`: in a section, which is a context, each mailbox is a line
 * `mailbox => password,name,email,pager,options`. A `-` before the password means that its owner may not change it. `;` begins a
 * comment, `;--` and `--;` stand around one of many lines. The sections `general` and `zonemessages` hold no mailboxes.
 * (configs/samples/voicemail.conf.sample of Asterisk, and "Configuring Voice Mail Boxes" in its documentation.)
 */
import { setImmediate } from 'node:timers/promises';
import type { ReadRow } from '../../services/import-users.ts';
import type { OpenedFile } from './csv-rows.ts';
import { toRow } from './user-row.ts';

const sectionsWithoutMailboxes = ['general', 'zonemessages'];
const columnOf = { extension: 'mailbox', pin: 'password', displayName: 'name', email: 'email' } as const;
const named = ['extension', 'displayName', 'email', 'pin'] as const;
const linesAtOnce = 64;

/** Opens a `voicemail.conf`. The context isn't kept, so a mailbox in two of them is there twice. */
export function openVoicemail(file: Buffer, pinExpired: boolean): OpenedFile {
  async function* read(): AsyncGenerator<ReadRow, void, undefined> {
    let section = '';
    let isComment = false;
    let number = 0;
    for (const raw of linesOf(file)) {
      number += 1;
      if (number % linesAtOnce === 0) await setImmediate();
      const { text, endsIn } = withoutComment(raw, isComment);
      isComment = endsIn;
      const [, name] = /^\[([^\]]*)\]/.exec(text) ?? [];
      if (name !== undefined) section = name.trim().toLowerCase();
      if (text === '' || name !== undefined || sectionsWithoutMailboxes.includes(section)) continue;
      yield text.startsWith('#')
        ? refused(number, 'names another file; import that one as well')
        : rowOf(number, text);
    }
  }

  function rowOf(line: number, text: string): ReadRow {
    const [, mailbox, values] = /^([^=]+?)\s*=>?\s*(.*)$/.exec(text) ?? [];
    if (mailbox === undefined || values === undefined) {
      return refused(line, 'is not a mailbox: mailbox => password,name,email,pager,options');
    }
    const [password = '', name = '', email = ''] = values.split(',').map((value) => value.trim());
    const pin = password.replace(/^-/, '');
    // Asterisk mails to several addresses, with | between them.
    const [address = ''] = email.split('|');
    const fields = {
      extension: mailbox,
      ...(pin === '' ? {} : { pin }),
      ...(name === '' ? {} : { displayName: name }),
      ...(address.trim() === '' ? {} : { email: address.trim() }),
    };
    return toRow(line, { fields, columnOf, named }, pinExpired);
  }

  return { read, ignoredColumns: ['pager', 'options'] };
}

function refused(line: number, problem: string): ReadRow {
  return { type: 'refused', line, refusals: [{ line, column: null, code: 'invalid', problem }] };
}

/** The line without what is a comment, and whether the comment goes on in the next one. */
function withoutComment(
  line: string,
  isComment: boolean,
): { readonly text: string; readonly endsIn: boolean } {
  let rest = line;
  let text = '';
  let inside = isComment;
  while (rest !== '') {
    if (inside) {
      const end = rest.indexOf('--;');
      if (end === -1) return { text: text.trim(), endsIn: true };
      rest = rest.slice(end + 3);
      inside = false;
      continue;
    }
    const start = rest.search(/(?<!\\);/);
    if (start === -1) return { text: (text + rest).trim(), endsIn: false };
    text += rest.slice(0, start);
    inside = rest.startsWith(';--', start) && rest[start + 3] !== '-';
    if (!inside) return { text: text.trim(), endsIn: false };
    rest = rest.slice(start + 3);
  }
  return { text: text.trim(), endsIn: inside };
}

function* linesOf(file: Buffer): Generator<string> {
  for (let start = 0; start < file.length; ) {
    const end = file.indexOf('\n', start);
    const stop = end === -1 ? file.length : end;
    yield file.toString('utf8', start, stop);
    start = stop + 1;
  }
}
