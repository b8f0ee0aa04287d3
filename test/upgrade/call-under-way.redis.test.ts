/** Calls that 0.1.0 had stored at the question for a PIN, and that today's version goes on with. */
import { expect, it } from 'vitest';
import { manualCall } from '../support/manual-call.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { withTestService } from '../support/service.ts';

const redis = useRedis('node');

it('tell an extension that nobody has from one that somebody has no more than those of today', async () => {
  await withTestService({ env: await redis.emptied() }, async (ringkey) => {
    const id = await ringkey.addUser({ extension: '4711' }, '740296');
    const { url, publicUrl } = ringkey.service;
    const call = () => manualCall(publicUrl.origin, ringkey.secrets.twilioAuthToken);
    const [node] = redis.nodes();
    const namesOf = async (pattern: string) => (await node?.command('KEYS', pattern)) as string[];

    const before = call();
    await before.start(url);
    await before.key(url, '9999');
    await before.key(url, '592637');
    const blinded = /\{u-([^}]+)\}/.exec(String(await namesOf('ringkey:{u-*}:unknown-extension')))?.[1];
    await node?.command('DEL', ...(await namesOf('ringkey:{c-*}:call')));

    for (const [extension, target] of [
      ['9999', { kind: 'unknown', id: blinded }],
      ['4711', { kind: 'account', id }],
    ] as const) {
      const underWay = call();
      await underWay.start(url);
      await underWay.key(url, extension);
      const [name = ''] = await namesOf('ringkey:{c-*}:call');
      const { rules: _, ...stored } = JSON.parse(String(await node?.command('HGET', name, 'value')));
      const asBefore = { ...stored, state: { ...stored.state, target } };
      await node?.command('HSET', name, 'value', JSON.stringify(asBefore));
      expect([extension, (await underWay.key(url, '592637')).body]).toEqual([
        extension,
        expect.stringMatching(/do not match/),
      ]);
      await node?.command('DEL', name);
    }
    // The first call's try, and the second's.
    expect(await ringkey.figure('ringkey_hash_seconds_count')).toBeGreaterThan(2);
  });
});
