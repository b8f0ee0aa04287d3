import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { fakeClock } from '../support/clock.ts';
import { describePolicyAndAuditCommands } from './policy-and-audit.ts';

describePolicyAndAuditCommands(
  'the embedded store',
  async () => ({}),
  (folder) => openEmbeddedStore({ folder, clock: fakeClock().now }),
);
