import { describePinCommands } from './pin-commands.ts';

describePinCommands('the embedded store', async () => ({}));
