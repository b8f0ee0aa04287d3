/**
 * Whose PIN a call is about. An extension isn't looked up when it is keyed, but when a PIN is tried: so the step in between takes the
 * same for everybody, and tells nothing. Until then it is stored sealed, since keyed digits aren't stored.
 */
import type { Target } from '../core/call/state.ts';
import type { SealedBox } from '../security/sealed-box.ts';
import type { Store } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import type { Accounts, Tried } from './accounts.ts';
import { load, unknownExtensionPlace } from './documents.ts';

export interface Targets {
  /** What a call remembers of a keyed extension. Nobody else can read it, and it is good for this call alone. */
  seal(extension: string, callSid: string): Target;
  /**
   * Finds whose PIN is tried.
   * @throws Error when it was sealed for another call, or under a pepper that this process wasn't given.
   */
  find(target: Target, callSid: string): Promise<Tried>;
}

interface Dependencies {
  readonly store: Store;
  readonly accounts: Pick<Accounts, 'triedBy'>;
  readonly records: Pick<AccountRecords, 'look'>;
  readonly box: SealedBox;
}

export function createTargets({ store, accounts, records, box }: Dependencies): Targets {
  const contextOf = (callSid: string) => `call:${callSid}`;
  return {
    seal: (extension, callSid) => ({ kind: 'keyed', id: box.seal(extension, contextOf(callSid)) }),

    async find({ kind, id }, callSid) {
      if (kind === 'account') return { kind, id, seen: await records.look(id) };
      if (kind === 'unknown') return { kind, id, seen: await load(store, unknownExtensionPlace(id)) };
      const extension = box.open(id, contextOf(callSid));
      if (extension === null) throw new Error("What was keyed in this call can't be read any more.");
      return accounts.triedBy(extension);
    },
  };
}
