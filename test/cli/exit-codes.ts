/**
 * What the exit code of `ringkey` tells, by what the service and its store answer. Run on each engine.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { runProcess } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

const get = ['pin', 'get', '1001'];

export function describeExitCodes(engine: string, settings: Settings): void {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    await service.addUser({ extension: '1001' });
    return () => service.stop();
  });

  describe(`the exit code on ${engine}`, () => {
    const code = async (args: readonly string[], env?: Readonly<Record<string, string>>) =>
      (await runProcess(service, args, env === undefined ? {} : { env })).code;

    it('is 0 when it is done, 3 for a token that is not valid, 4 for nobody, 5 for no service', async () => {
      expect(await code(get, { RINGKEY_URL: service.service.url, RINGKEY_TOKEN: 'wrong' })).toBe(3);
      expect(await code(get)).toBe(0);
      expect(await code(['pin', 'get', '4711'])).toBe(4);
      expect(await code(['user', 'get', '..'])).toBe(4);
      expect(await code(get, { RINGKEY_URL: 'http://127.0.0.1:1', RINGKEY_TOKEN: 'any' })).toBe(5);
    });

    it('is that of what stopped a command over many', async () => {
      const env = { RINGKEY_URL: service.service.url, RINGKEY_TOKEN: 'wrong' };
      const stopped = await runProcess(service, ['pin', 'get', '1001', '1002', '1003'], { env });
      expect(stopped).toMatchObject({ code: 3, err: expect.stringContaining('0 of 3 were tried') });
    });
  });
}
