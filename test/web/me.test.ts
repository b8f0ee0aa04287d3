import { describe } from 'vitest';
import { describeMe } from './me.ts';

describe('/me, in the folder', () => {
  describeMe(async () => ({}));
});
