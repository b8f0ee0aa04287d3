/**
 * One-time links for owners who forgot their PIN, or dislike it: asked for in a browser, mailed to the owner, and good for one new PIN
 * in that very browser. Whoever asks learns nothing of the account: whether there is one is looked up after the answer.
 */
import { createHash } from 'node:crypto';
import { type Account, type NewPin, rememberedHashes, withLinkedPin } from '../core/account.ts';
import type { RefusalCode } from '../core/codes.ts';
import { normaliseIdentity } from '../core/identity.ts';
import { generatePin } from '../core/pin/generate.ts';
import { refusals } from '../core/pin/refusals.ts';
import { type PinStatus, pinStatusOf } from '../core/pin-status.ts';
import type { NamedPolicy } from '../core/policy-set.ts';
import type { Hasher, HashTicket } from '../security/hasher.ts';
import type { Peppers } from '../security/peppers.ts';
import type { Store } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import type { Accounts } from './accounts.ts';
import type { Audit, AuditEvent, AuditEventName } from './audit.ts';
import { accountPartitions, type Document, load, type Place, partitionOf, putOf } from './documents.ts';
import { clockSkewMs } from './due.ts';
import type { Report } from './events.ts';
import { mailNow, recipientOf } from './letters.ts';
import type { Policies } from './policies.ts';

/** Who asks for a link. `identity`: an e-mail address or an extension, as typed; `from`: an address of the network. */
export interface LinkRequest {
  readonly identity: string;
  /** The secret that the browser keeps. */
  readonly browser: string;
  readonly from: string | null;
}

/** A link as it was opened. */
export interface LinkUse extends Pick<LinkRequest, 'browser' | 'from'> {
  /** What the mailed address ends with. */
  readonly link: string;
}

/** What its owner is told of an account. `until`: when the link ends, Unix ms. */
export interface OwnAccount {
  readonly profile: Account['profile'];
  readonly status: PinStatus;
  readonly held: NamedPolicy;
  readonly until: number;
}

/** `spent`: used, too late, overtaken by another PIN, or never given out; `elsewhere`: asked for in another browser. */
export type LinkRefused = { readonly outcome: 'spent' | 'elsewhere' };

export type LinkOpened = LinkRefused | ({ readonly outcome: 'open' } & OwnAccount);

export type LinkChecked =
  | LinkRefused
  | { readonly outcome: 'checked'; readonly codes: readonly RefusalCode[] };

/** `pin`: the one that was generated; null: the owner's own. */
export type LinkSet =
  | LinkRefused
  | { readonly outcome: 'refused'; readonly codes: readonly RefusalCode[] }
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'set'; readonly pin: string | null; readonly status: PinStatus };

export interface PinLinks {
  /**
   * Takes a request, to be looked into only once it was answered, so that the time until then tells nothing. Never fails.
   * @returns false when so many wait that this one isn't taken.
   */
  ask(request: LinkRequest, answered: Promise<void>): boolean;
  /** Charges a request to the address of the network that it comes from; false: it has none left this hour. */
  charge(network: string): Promise<boolean>;
  /** Resolves when all requests that were taken are dealt with. */
  settled(): Promise<void>;
  /** What the link is good for. It stays as it is. */
  open(use: LinkUse): Promise<LinkOpened>;
  /** Says whether the owner may choose this PIN, as far as that is known without hashes. */
  check(use: LinkUse, pin: string): Promise<LinkChecked>;
  /** Sets the owner's PIN, or one that is generated (null), and spends the link. */
  set(use: LinkUse, pin: string | null): Promise<LinkSet>;
}

interface Dependencies {
  readonly store: Store;
  readonly records: AccountRecords;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly policies: Policies;
  readonly hasher: Hasher;
  readonly peppers: Peppers;
  /** Where the page is, without what follows `#`. */
  readonly page: string;
  /** Requests that one address of the network has in an hour. */
  readonly requestsPerHour: number;
  readonly clock: () => number;
  readonly randomId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly report: Report;
  /** Told of a request that could not be dealt with. */
  readonly failed: (error: unknown) => void;
}

/** A link that was given out. Times are Unix ms. */
interface LinkDocument extends Document {
  /** Null: it was mailed to nobody. */
  readonly accountId: string | null;
  /** The PIN that it is to replace, and the address it was mailed to: when either has changed, it is good for nothing. */
  readonly pinId: string | null;
  readonly sentTo: string | null;
  /** A digest of the browser's secret. */
  readonly browser: string;
  readonly until: number;
}

interface Found {
  readonly outcome: 'found';
  readonly place: Place<LinkDocument>;
  readonly version: string;
  readonly document: LinkDocument;
  readonly account: Account;
}

const hourMs = 3_600_000;
const linkMs = 15 * 60_000;

const tokenBytes = 32;

/** An account is mailed so many links an hour, whoever asks. */
const linksPerHour = 5;

/** A link is good for so many looks at a PIN, and so many tries to set one, since each of these costs hashes. */
const mostChecks = 100;
const mostTries = 20;

/** Requests that wait to be looked into. */
const mostWaiting = 500;

export function createPinLinks(dependencies: Dependencies): PinLinks {
  const { store, records, accounts, audit, policies, hasher, peppers, clock } = dependencies;
  const { page, requestsPerHour, randomId, randomBytes, report, failed } = dependencies;
  const waiting = new Set<Promise<void>>();
  let work: Promise<void> = Promise.resolve();

  const count = (name: string, windowMs: number) => store.addToCounter({ name, windowMs }, 1);

  /** Looks for the account, and mails its owner a link. Does the like for nobody, so that what others wait for tells nothing. */
  async function send({ identity, browser, from }: LinkRequest): Promise<void> {
    const value = normaliseIdentity(identity);
    const account = await accounts.holderOf({ kind: value.includes('@') ? 'email' : 'extension', value });
    const asked = await count(`links:account:${account?.id ?? peppers.blind('link-request', value)}`, hourMs);
    const token = Buffer.from(randomBytes(tokenBytes)).toString('base64url');
    const until = clock() + linkMs;
    const isSent =
      account !== null && asked <= linksPerHour && (await mailLink(account.id, token, browser, from, until));
    if (isSent) return;
    const unsent = {
      schemaVersion: 1,
      accountId: null,
      pinId: null,
      sentTo: null,
      used: true,
      until,
    } as const;
    const place = linkPlace(partitionOf(token), token);
    await store.commit([putOf(place, null, { ...unsent, browser: digest(browser) }, until)]);
  }

  function mailLink(id: string, token: string, browser: string, from: string | null, until: number) {
    return records.change<boolean>(id, (account) => {
      const recipient = account?.profile.enabled ? recipientOf(account) : null;
      if (account === null || recipient === null) return { result: false };
      const document: LinkDocument = {
        schemaVersion: 1,
        accountId: id,
        pinId: account.pin?.id ?? null,
        sentTo: recipient.address,
        browser: digest(browser),
        until,
      };
      const partition = partitionOf(id);
      const url = `${page}#${partition}.${token}`;
      return {
        put: account,
        also: [putOf(linkPlace(partition, token), null, document, until)],
        audit: [eventOf('pin.link-sent', id, from)],
        mail: mailNow(randomId(), { kind: 'pin-link', url, until }, recipient, clock()),
        result: true,
      };
    });
  }

  async function find({ link, browser }: LinkUse): Promise<Found | LinkRefused> {
    const { place } = parseLink(link) ?? {};
    const found = place === undefined ? null : await load(store, place);
    if (place === undefined || found === null) return { outcome: 'spent' };
    const { version, value: document } = found;
    const left = document.until - clock();
    // One that would be good for much longer than a link is was made by a clock that was ahead.
    const isOver = left <= 0 || left > linkMs + clockSkewMs;
    if (isOver || document.accountId === null) return { outcome: 'spent' };
    if (document.browser !== digest(browser)) return { outcome: 'elsewhere' };
    const account = await records.load(document.accountId);
    if (account === null || !isStillGood(document, account)) return { outcome: 'spent' };
    return { outcome: 'found', place, version, document, account };
  }

  /** Charges one of the uses that a link has; false: it has none left. */
  async function chargeUse({ place }: Found, kind: 'checks' | 'tries', most: number): Promise<boolean> {
    return (await count(`${place.key.name}:${kind}`, linkMs)) <= most;
  }

  /** Every rule that the PIN breaks, and if it breaks none, whether it was in use before: that costs a hash each. */
  async function refusalsOf(
    pin: string,
    account: Account,
    { policy }: NamedPolicy,
    ticket: HashTicket,
  ): Promise<readonly RefusalCode[]> {
    const codes = refusals(pin, policy, account.profile);
    if (codes.length > 0 || account.pin === null) return codes;
    for (const remembered of rememberedHashes(account.pin, policy)) {
      if (await ticket.verify(pin, remembered)) return ['recently_used'];
    }
    const isCompared = policy.historyCount > 0;
    return !isCompared && (await ticket.verify(pin, account.pin.hash)) ? ['too_similar'] : [];
  }

  /** Stores the PIN and spends the link in one stroke. */
  function storePin(use: LinkUse, found: Found, newPin: NewPin, pin: string | null): Promise<LinkSet> {
    return records.change<LinkSet>(found.account.id, async (account) => {
      const present = await find(use);
      if (present.outcome !== 'found') return { result: present };
      if (account === null || !isStillGood(present.document, account))
        return { result: { outcome: 'spent' } };
      const held = await policies.forAccount(account.profile);
      if (newPin.length < held.policy.minLength) {
        return { result: { outcome: 'refused', codes: ['too_short'] } };
      }
      const now = clock();
      const put = withLinkedPin(account, newPin, held.policy, now);
      const details = { by: 'link', origin: pin === null ? 'owner' : 'generated' };
      const { place, version } = present;
      return {
        put,
        also: [{ type: 'delete', key: place.key, expected: version }],
        audit: [{ ...eventOf('pin.changed', account.id, use.from), details }],
        mail: mailNow(randomId(), { kind: 'pin-changed', by: 'owner', at: now }, recipientOf(put), now),
        result: { outcome: 'set', pin, status: pinStatusOf(put, held, now) },
      };
    });
  }

  return {
    ask(request, answered) {
      if (waiting.size >= mostWaiting) return false;
      const task = answered.then(() => {
        // One after the other: however many ask, callers have the store to themselves but for one of them.
        work = work.then(() => send(request)).catch(failed);
        return work;
      });
      waiting.add(task);
      void task.finally(() => waiting.delete(task));
      return true;
    },

    charge: async (network) => (await count(`links:address:${network}`, hourMs)) <= requestsPerHour,

    async settled() {
      await Promise.all(waiting);
    },

    async open(use) {
      const found = await find(use);
      if (found.outcome !== 'found') return found;
      const { account, document } = found;
      const held = await policies.forAccount(account.profile);
      await audit.append(eventOf('pin.status-read', account.id, use.from));
      const status = pinStatusOf(account, held, clock());
      return { outcome: 'open', profile: account.profile, status, held, until: document.until };
    },

    async check(use, pin) {
      const found = await find(use);
      if (found.outcome !== 'found') return found;
      if (!(await chargeUse(found, 'checks', mostChecks))) return { outcome: 'spent' };
      const { policy } = await policies.forAccount(found.account.profile);
      return { outcome: 'checked', codes: refusals(pin, policy, found.account.profile) };
    },

    async set(use, chosen) {
      const found = await find(use);
      if (found.outcome !== 'found') return found;
      if (!(await chargeUse(found, 'tries', mostTries))) return { outcome: 'spent' };
      const { account } = found;
      const ticket = hasher.admit();
      if (ticket === null) return { outcome: 'busy' };
      try {
        const held = await policies.forAccount(account.profile);
        const pin = chosen ?? generatePin(randomBytes, held.policy, account.profile);
        const codes = await refusalsOf(pin, account, held, ticket);
        if (codes.length > 0) return { outcome: 'refused', codes };
        const newPin = { id: randomId(), hash: await ticket.hash(pin), length: pin.length };
        const set = await storePin(use, found, newPin, chosen === null ? pin : null);
        if (set.outcome === 'set') report({ type: 'pin-changed', accountId: account.id, by: 'link' });
        return set;
      } finally {
        ticket.release();
      }
    },
  };
}

/** The account is as it was when the link was mailed: enabled, with the same address and PIN. */
function isStillGood({ pinId, sentTo }: LinkDocument, { profile, pin }: Account): boolean {
  return profile.enabled && profile.email === sentTo && (pin?.id ?? null) === pinId;
}

/** The account's partition stands before the token, so that the link is spent in the same stroke as the PIN is set. */
function parseLink(link: string): { readonly place: Place<LinkDocument> } | null {
  const [, partition = '', token = ''] = /^(p\d{1,3})\.([\w-]{43})$/.exec(link) ?? [];
  return accountPartitions.includes(partition) ? { place: linkPlace(partition, token) } : null;
}

function linkPlace(partition: string, token: string): Place<LinkDocument> {
  return { key: { partition, name: `link:${digest(token)}` } };
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function eventOf(event: AuditEventName, accountId: string, from: string | null): AuditEvent {
  const actor = { kind: 'visitor', name: accountId, from } as const;
  return { event, actor, accountId, subject: null, outcome: 'done', details: null };
}
