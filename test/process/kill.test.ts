import { describe, expect, it, onTestFinished } from 'vitest';
import { startRingkey } from '../support/ringkey-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('kill -9 right after an answer, on the embedded store', () => {
  it('loses no lock, no count and no changed PIN', async () => {
    const env = { DATA_DIR: temporaryFolder() };
    const first = await startRingkey(env);
    onTestFinished(() => first.end('SIGKILL'));
    for (const extension of ['4711', '4712', '4713']) {
      await first.api('POST', '/users', { extension });
      await first.api('POST', `/users/${extension}/pin/reset`, { pin: '596183' });
    }
    await first.api('PATCH', '/users/4712/pin', { lockedOut: true });
    const wrong = await first.dial();
    await wrong.press('4713#111111#');
    expect(wrong.heard()).toMatch(/do not match/);
    const changing = await first.dial();
    await changing.press('4711#596183#740296#740296#');
    expect(changing.heard()).toMatch(/changed/);
    await first.end('SIGKILL');

    const second = await startRingkey(env);
    onTestFinished(() => second.end('SIGKILL'));
    const status = async (extension: string) => (await second.api('GET', `/users/${extension}/pin`)).body;
    expect(await status('4712')).toMatchObject({ lockedOut: true });
    expect(await status('4713')).toMatchObject({ failedAttempts: 1 });
    expect(await status('4711')).toMatchObject({ pinExpired: false, firstTimeUser: false });
    const after = await second.dial();
    await after.press('4711#740296#');
    expect(after.heard()).toMatch(/signed in/);
  });
});
