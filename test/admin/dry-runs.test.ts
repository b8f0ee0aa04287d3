import { describeDryRuns } from './dry-runs.ts';

describeDryRuns('the embedded store', async () => ({}));
