import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHasher } from '../../src/security/hasher.ts';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import { createPinChanges } from '../../src/services/change-pin.ts';
import type { ServiceEvent } from '../../src/services/events.ts';
import { createFailureBudgets } from '../../src/services/failure-budgets.ts';
import { createPolicies } from '../../src/services/policies.ts';
import { createCalls } from '../../src/services/run-call.ts';
import { createSignIns } from '../../src/services/sign-in.ts';
import { createTargets } from '../../src/services/targets.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { accountRecordsOver } from '../support/account-records.ts';
import { fakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const callSid = 'CA1';
const from = '+15551230000';

/** Calls over a real store; `whilePausing` is what happens while a repeated webhook waits for the first one's answer. */
async function open() {
  const clock = fakeClock().now;
  const store = await openEmbeddedStore({ folder: temporaryFolder(), clock });
  onTestFinished(() => store.close());
  const peppers = createPeppers([Buffer.alloc(32, 1)]);
  const cost = { memoryKib: 64, passes: 1, lanes: 1 };
  const hasher = await createHasher({ peppers, cost, concurrency: 1, longestWaitMs: 60_000 });
  const events: ServiceEvent['type'][] = [];
  const report = ({ type }: ServiceEvent) => void events.push(type);
  const randomId = () => randomBytes(16).toString('base64url');
  const audit = createAudit({ store, clock, retentionDays: 0 });
  const records = accountRecordsOver(store, audit, clock);
  const policies = createPolicies(store, audit, report);
  const limits = { caller: 100, anonymousCallers: 100, service: 100 };
  const budgets = createFailureBudgets(store, limits, peppers, report);
  const common = { store, records, peppers, policies, hasher, clock, randomId, report };
  const accounts = createAccounts({ ...common, randomUuid: randomUUID });
  const targets = createTargets({ store, accounts, records, box: createSealedBox(peppers, randomBytes) });
  const signIns = createSignIns({ ...common, targets, budgets });
  let pauses = 0;
  let whilePausing = async (): Promise<void> => {};
  const calls = createCalls({
    ...common,
    accounts,
    targets,
    signIns,
    pinChanges: createPinChanges(common),
    handsOver: false,
    defaultLocale: 'en-US',
    firstLocaleOf: () => null,
    async pause() {
      pauses += 1;
      await whilePausing();
    },
  });
  const key = (stepId: string, digits: string) =>
    calls.proceed({ callSid, from, stepId, input: { type: 'keys', digits } });
  return {
    calls,
    key,
    events,
    pauses: () => pauses,
    pausing(work: () => Promise<void>) {
      whilePausing = work;
    },
    /** The name of the step that takes the PIN, once its charge was made by a process that then died. */
    async chargedStep() {
      const { stepId } = await key((await calls.start(callSid, from)).stepId, '4711');
      const target = targets.seal('4711', callSid);
      await signIns.verify(target, { callSid, attemptId: stepId, from, pin: '111111' });
      return stepId;
    },
  };
}

describe('a webhook that is delivered several times at once', () => {
  it('gets one answer', async () => {
    const { calls, key } = await open();
    const starts = await Promise.all([1, 2, 3].map(() => calls.start(callSid, from)));
    expect(new Set(starts.map(({ stepId }) => stepId)).size).toBe(1);
    const steps = await Promise.all([1, 2, 3].map(() => key(starts[0]?.stepId ?? '', '4711')));
    expect(new Set(steps.map(({ stepId }) => stepId)).size).toBe(1);
    expect(steps[0]?.view.code).toBe('pin');
  });

  it('that starts a call is told of once', async () => {
    const { calls, events } = await open();
    await calls.start(callSid, from);
    await calls.start(callSid, from);
    expect(events).toEqual(['call-started']);
  });

  it('asks again, with the try spent, when the first delivery died after its charge', async () => {
    const { key, chargedStep, pauses } = await open();
    const stepId = await chargedStep();
    expect((await key(stepId, '111111')).view.code).toBe('pin-unchecked');
    expect(pauses()).toBe(35);
  });

  it('waits no longer for the first one once the call is over', async () => {
    const { calls, key, chargedStep, pauses, pausing } = await open();
    const stepId = await chargedStep();
    pausing(() => calls.end(callSid));
    expect((await key(stepId, '111111')).view.code).toBe('goodbye-stale');
    expect(pauses()).toBe(1);
  });
});
