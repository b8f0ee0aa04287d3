/** Where Chromium is: Debian's, or the one that CHROMIUM names. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const installer = fileURLToPath(new URL('../../scripts/install-chromium.sh', import.meta.url));
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** The path of the program. Installs it where there is none. */
export function findChromium(): string {
  const named = process.env.CHROMIUM;
  if (named !== undefined) return named;
  if (!places.some(existsSync)) execFileSync(installer, { stdio: 'inherit' });
  const found = places.find(existsSync);
  if (found === undefined) throw new Error('There is no Chromium: set CHROMIUM to the path of one.');
  return found;
}
