/**
 * Asking the person at the terminal, even while standard input is a pipe.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { exitCodes, Failure } from './failure.ts';

/**
 * Asks for a line. With `hidden`, what is typed isn't shown.
 * @param device The terminal, such as `/dev/tty`.
 * @throws Failure when there is no terminal, or when it is left with Ctrl-C.
 */
export async function askAtTerminal(
  device: string,
  question: string,
  { hidden }: { hidden: boolean },
): Promise<string> {
  const { keyboard, show } = openTerminal(device);
  try {
    show(question);
    return await readLine(keyboard, hidden ? () => {} : show);
  } finally {
    show('\n');
    keyboard.setRawMode(false);
    keyboard.destroy();
  }
}

function openTerminal(device: string) {
  try {
    const keyboard = new ReadStream(openSync(device, 'r+'));
    // Raw, or the terminal itself would show what is typed.
    keyboard.setRawMode(true).setEncoding('utf8');
    return { keyboard, show: (text: string) => write(device, text) };
  } catch {
    throw new Failure(exitCodes.usage, 'There is no terminal to ask at.');
  }
}

function write(device: string, text: string): void {
  const terminal = openSync(device, 'w');
  writeFileSync(terminal, text);
  closeSync(terminal);
}

function readLine(keyboard: ReadStream, show: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    keyboard.on('data', (chunk: string) => {
      for (const key of chunk) {
        if (key === '\r' || key === '\n') resolve(line);
        else if (key === '\u0003' || key === '\u0004')
          reject(new Failure(exitCodes.failed, 'Nothing was changed.'));
        else if (key === '\u007f' || key === '\b') {
          if (line !== '') show('\b \b');
          line = line.slice(0, -1);
        } else if (key >= ' ') {
          line += key;
          show(key);
        }
      }
    });
    keyboard.once('end', () => reject(new Failure(exitCodes.usage, 'There is no terminal to ask at.')));
  });
}
