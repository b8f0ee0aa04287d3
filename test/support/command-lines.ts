/**
 * The process list as every user of the machine sees it, while a test does something. On Linux, from /proc.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface Watch {
  /** Ends it, and tells every command line that was seen, its arguments with spaces between. */
  stop(): readonly string[];
}

/** Looks at all processes again and again. One that lives for a tenth of a second is seen. */
export function watchCommandLines(): Watch {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) seen.add(commandLineOf(pid));
  };
  look();
  const timer = setInterval(look, 50);
  return {
    stop() {
      clearInterval(timer);
      return [...seen];
    },
  };
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended since.
    return '';
  }
}
