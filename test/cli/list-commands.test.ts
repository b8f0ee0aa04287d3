import { describeListCommands } from './list-commands.ts';

describeListCommands('the embedded store', async () => ({}));
