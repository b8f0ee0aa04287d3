import { describeDialogues } from './dialogues.ts';

describeDialogues('the embedded store', async () => ({}));
