import { describeUsers } from './users.ts';

describeUsers('the embedded store', async () => ({}));
