/**
 * The signed statement of who is calling: a JWT (RFC 7519) signed with Ed25519 (RFC 8037), and the key set (RFC 7517) that an
 * application verifies it with.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';

/** What is stated of a signed-in caller. Times are Unix ms. */
export interface CallerStatement {
  readonly id: string;
  readonly accountId: string;
  readonly extension: string;
  readonly name: string | null;
  readonly callSid: string;
  readonly verifiedAt: number;
  readonly issuedAt: number;
}

export interface AssertionSigner {
  /**
   * The statement as a compact JWT. The same statement always gives the same JWT.
   * @param issuer the public origin of this service. @param audience the origin of the application.
   */
  sign(statement: CallerStatement, issuer: string, audience: string): Promise<string>;
  /** The public keys, for `/.well-known/jwks.json`. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** The call is handed over at once, so the statement need not live longer. */
const lifetimeSeconds = 60;

/** The assertion key can't be used. */
export class AssertionKeyError extends Error {
  override readonly name = 'AssertionKeyError';
}

/**
 * @param privateKey an Ed25519 key, PKCS #8, as PEM or as base64 of its PEM or DER.
 * @param otherKeys more of them, which are published but not signed with: the next one, or the one before.
 * @throws AssertionKeyError when one of them isn't such a key.
 */
export async function createAssertionSigner(
  privateKey: string,
  otherKeys: readonly string[] = [],
): Promise<AssertionSigner> {
  const key = parseKey(privateKey, 'ASSERTION_KEY');
  const jwk = await publicJwkOf(key);
  const { kid } = jwk;
  const others = otherKeys.map((other) => publicJwkOf(parseKey(other, 'ASSERTION_KEY_PREVIOUS')));
  return {
    // A key that is given twice is published once: whoever verifies would find two of one id, and take neither.
    jwks: { keys: [...new Map([jwk, ...(await Promise.all(others))].map((one) => [one.kid, one])).values()] },
    sign(statement, issuer, audience) {
      const issuedAt = toSeconds(statement.issuedAt);
      return new SignJWT({
        ext: statement.extension,
        ...(statement.name === null ? {} : { name: statement.name }),
        call_sid: statement.callSid,
        amr: ['pin'],
        auth_time: toSeconds(statement.verifiedAt),
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
        .setIssuer(issuer)
        .setSubject(statement.accountId)
        .setAudience(audience)
        .setJti(statement.id)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(key);
    },
  };
}

async function publicJwkOf(key: KeyObject) {
  const jwk = await exportJWK(createPublicKey(key));
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
}

function parseKey(text: string, setting: string): KeyObject {
  const key = tryKey(text) ?? tryKey(Buffer.from(text, 'base64').toString('utf8')) ?? tryDer(text);
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new AssertionKeyError(
      `${setting} must be an Ed25519 private key (openssl genpkey -algorithm ed25519).`,
    );
  }
  return key;
}

function tryKey(pem: string): KeyObject | null {
  // An environment often carries a PEM with its line ends written as \n.
  return orNull(() => createPrivateKey(pem.replaceAll('\\n', '\n')));
}

function tryDer(base64: string): KeyObject | null {
  return orNull(() => createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' }));
}

function orNull<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
