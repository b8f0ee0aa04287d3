/**
 * The documents that the services keep, where they live, and the one way in which they are changed: load, decide over what was
 * loaded, swap, and on a conflict decide again over what is there by then.
 */
import { createHash } from 'node:crypto';
import type { Account } from '../core/account.ts';
import type { Lockout } from '../core/lockout.ts';
import type { Change, Json, Key, Store, Versioned } from '../store/store.ts';
import { StoreUnavailableError } from '../store/store.ts';

/** The newest schema that a document may be of. `upgrade-store.ts` says what changed with which. */
export const newestSchema = 2;

/** What every document begins with, so that a later version can tell and migrate. */
export interface Document {
  readonly schemaVersion: 1 | typeof newestSchema;
}

/** Who claims an identity. Only claims that their account bears out count. */
export interface IdentityDocument extends Document {
  readonly claims: readonly {
    readonly accountId: string;
    readonly kind: string;
    readonly claimedAt: number;
    /** Tells this claim from another one of the same account. */
    readonly id?: string;
  }[];
}

/** The failures of an extension that nobody has, kept so that it locks like any other. */
export interface UnknownExtension extends Document {
  readonly lockout: Lockout;
}

/** Names a kind of document at a place, so that what is read there has a type. */
export interface Place<T extends Document> {
  readonly key: Key;
  /** For documentation only: ties the place to its type. */
  readonly of?: T;
}

/** Accounts are spread over this many partitions; with it, where a document lives is fixed for good. */
const partitionCount = 256;

/** All partitions that accounts are spread over. */
export const accountPartitions = Array.from({ length: partitionCount }, (_, number) => `p${number}`);

/** The partition of what belongs to no account. */
export const serverPartition = 'server';

/** The partition of an account, and of everything that changes together with it. */
export function partitionOf(accountId: string): string {
  return `p${createHash('sha256').update(accountId).digest().readUInt16BE(0) % partitionCount}`;
}

/** What the names of all accounts' documents begin with; the id follows. */
export const accountNameBegins = 'account:';

export function accountPlace(id: string): Place<Account> {
  return { key: { partition: partitionOf(id), name: `${accountNameBegins}${id}` } };
}

/** What remembers that a change of an account was made under an idempotency key. */
export function donePlace(accountId: string, key: string): Place<Document> {
  return { key: { partition: partitionOf(accountId), name: `done:${digest(`${accountId}:${key}`)}` } };
}

/** What remembers that an attempt to store an account, under claims it had made, was abandoned. */
export function abandonedPlace(accountId: string, attempt: string): Place<Document> {
  return { key: { partition: partitionOf(accountId), name: `abandoned:${attempt}` } };
}

export function identityPlace(value: string): Place<IdentityDocument> {
  return { key: { partition: `i-${digest(value)}`, name: 'identity' } };
}

/** @param blinded the extension, blinded, since keyed digits aren't stored. */
export function unknownExtensionPlace(blinded: string): Place<UnknownExtension> {
  return { key: { partition: `u-${blinded}`, name: 'unknown-extension' } };
}

export function callPlace<T extends Document>(callSid: string): Place<T> {
  return { key: { partition: `c-${digest(callSid)}`, name: 'call' } };
}

export function serverPlace<T extends Document>(name: string): Place<T> {
  return { key: { partition: serverPartition, name } };
}

/** Names what may hold anything, in characters that a key may have. */
export function digest(value: string): string {
  return createHash('sha256').update(value).digest('base64url').slice(0, 22);
}

/** A stored document isn't one that this version of Ringkey can have written. It is left as it is. */
export class ForeignDocumentError extends Error {
  override readonly name = 'ForeignDocumentError';
}

/**
 * Reads a document; null when there is none.
 * @throws ForeignDocumentError when it isn't of a schema that this version knows.
 */
export async function load<T extends Document>(store: Store, place: Place<T>): Promise<Versioned<T> | null> {
  const found = await store.get(place.key);
  if (found === null) return null;
  return { version: found.version, value: decode<T>(found.value, place.key) };
}

/** The store is ours alone, so its documents are trusted to have the shape of the schema version that they name. */
function decode<T extends Document>(value: Json, key: Key): T {
  if (isDocument<T>(value)) return value;
  const schema = schemaOf(value);
  const why =
    typeof schema === 'number' && schema > newestSchema
      ? `a newer version of Ringkey wrote it: its schema is ${schema}, and this version knows none above ${newestSchema}. Start the newer one`
      : 'no version of Ringkey can have written it';
  throw new ForeignDocumentError(
    `The document ${key.name} can't be read, since ${why}, or restore a backup.`,
  );
}

function isDocument<T extends Document>(value: unknown): value is T {
  const schema = schemaOf(value);
  return schema === 1 || schema === newestSchema;
}

function schemaOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : null;
}

/** What a decision makes of a document: keep it, or put another in its place; and what came of it. */
export interface Decision<T, R> {
  readonly put?: T;
  /** Unix ms; only with `put`. */
  readonly expiresAt?: number;
  readonly result: R;
}

/** Enough for every contender of a busy account to have its turn; a decision that still finds none is a denial. */
export const mostTries = 64;

/**
 * Changes a document by a decision over its present value. The decision may run several times and must take everything that
 * changes from its argument, never from a value captured before.
 * @param seen the document as it was a moment ago, which spares another reading if it is to be swapped; absent: it is read.
 * @throws StoreUnavailableError when the swap kept being overtaken.
 */
export async function change<T extends Document, R>(
  store: Store,
  place: Place<T>,
  decide: (value: T | null) => Decision<T, R> | Promise<Decision<T, R>>,
  seen?: Versioned<T> | null,
): Promise<R> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const isSeen = tries === 0 && seen !== undefined;
    const found = isSeen ? seen : await load(store, place);
    const { put, expiresAt, result } = await decide(found?.value ?? null);
    // A refusal never rests on what was seen before.
    if (put === undefined && isSeen) continue;
    if (put === undefined) return result;
    if ((await swap(store, place, found?.version ?? null, put, expiresAt)) === 'committed') return result;
  }
  throw new StoreUnavailableError(`${place.key.name} kept changing; gave up after ${mostTries} tries.`);
}

/** Puts a document in the place of the version that was read. */
export function swap<T extends Document>(
  store: Store,
  place: Place<T>,
  expected: string | null,
  value: T,
  expiresAt?: number,
): ReturnType<Store['commit']> {
  return store.commit([putOf(place, expected, value, expiresAt)]);
}

/** The change that puts a document in the place of a version. */
export function putOf<T extends Document>(
  place: Place<T>,
  expected: string | null,
  value: T,
  expiresAt?: number,
): Change & { readonly type: 'put' } {
  const expiry = expiresAt === undefined ? {} : { expiresAt };
  return { type: 'put', key: place.key, expected, value: toJson(value), ...expiry };
}

/** Documents are plain data by construction; this only says so to the compiler, which can't see it of an interface. */
function toJson(value: object): Json {
  return { ...value } as Json;
}
