/**
 * The setting that says which mail server takes the letters.
 */

/** How a connection is encrypted. A certificate is always checked. */
const encryptions = ['required', 'offered', 'off'] as const;

/** A mail server to hand letters to. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /**
   * `implicit`: TLS from the first byte. `required`: STARTTLS, or nothing is sent. `offered`: STARTTLS where the server has
   * it. `off`: never.
   */
  readonly encryption: 'implicit' | (typeof encryptions)[number];
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** What a setting must look like, for an operator whose setting doesn't. */
export const smtpUrlExpected =
  'smtp://host:port or smtps://host:port, with user:password@ before the host where the server asks for a login (percent-encoded), and ?tls=required, ?tls=offered or ?tls=off after smtp://';

/**
 * Parses `smtp://user:password@host:587?tls=required` (port 587 unless given) or `smtps://…` (465). Without `tls`, a login asks
 * for encryption, and everything else takes it where it is offered. Null for anything else.
 */
export function parseSmtpUrl(text: string): SmtpServer | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol)) return null;
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash !== '') return null;

  const isImplicit = url.protocol === 'smtps:';
  const login = loginIn(url);
  const host = hostIn(url);
  const encryption = encryptionIn(url, isImplicit, login !== null);
  if (login === undefined || host === null || encryption === null || url.port === '0') return null;
  const port = url.port === '' ? (isImplicit ? 465 : 587) : Number(url.port);
  return { host, port, encryption, login };
}

/** Null: there is none. Undefined: half of one, or one that isn't percent-encoded. */
function loginIn({ username, password }: URL): SmtpServer['login'] | undefined {
  if (username === '' && password === '') return null;
  if (username === '' || password === '') return undefined;
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}

function hostIn({ hostname }: URL): string | null {
  const literal = /^\[([0-9a-f:.]+)\]$/i.exec(hostname)?.[1];
  return literal ?? (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(hostname) ? hostname : null);
}

function encryptionIn(url: URL, isImplicit: boolean, hasLogin: boolean): SmtpServer['encryption'] | null {
  const [first, ...more] = [...url.searchParams];
  if (first === undefined) return isImplicit ? 'implicit' : hasLogin ? 'required' : 'offered';
  const [name, value] = first;
  if (more.length > 0 || name !== 'tls' || isImplicit) return null;
  return encryptions.find((encryption) => encryption === value) ?? null;
}
