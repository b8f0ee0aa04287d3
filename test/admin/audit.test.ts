import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { fakeClock } from '../support/clock.ts';
import { describeAudit } from './audit.ts';

describeAudit(
  'the embedded store',
  async () => ({}),
  (folder) => openEmbeddedStore({ folder, clock: fakeClock().now }),
);
