import { describe, expect, it } from 'vitest';
import { busiestShare, demandOf, limitsOf, slotOf } from '../../bench/scaling/model.ts';
import { callCosts } from './call-costs.ts';

describe('what calls take', () => {
  const demand = demandOf(360_000, callCosts);

  it('is so much for each, times how many there are a second', () => {
    expect(demand.perSecond).toBe(100);
    expect(demand.hashCores).toBeCloseTo(3.6);
    expect(demand.serviceCores).toBeCloseTo(0.9);
    expect(demand.redisCores).toBeCloseTo(0.07);
    expect(demand.redisCommands).toBe(2000);
    expect(demand.redisTraffic).toBe(1_800_000);
    expect(demand.appendedBytesPerHour).toBe(3_240_000_000);
    expect(demand.callBytes).toBe(100 * 31 * 60 * 1000);
    expect(demand.sharedPart).toBeCloseTo(0.007);
  });

  it('leaves cores, threads and nodes room', () => {
    expect(demand.cores).toBe(Math.ceil(4.57 / 0.7));
    expect(demandOf(359_000, callCosts).processes).toBe(1);
    expect(demandOf(361_000, callCosts).processes).toBe(2);
    expect(demand.redisNodes).toBe(1);
  });

  it('takes more nodes than one where one is too busy, and ends where one key is', () => {
    expect(demandOf(3_590_000, callCosts).redisNodes).toBe(1);
    expect(demandOf(3_610_000, callCosts).redisNodes).toBe(2);
    expect(demandOf(3600 * 9000, callCosts).redisNodes).toBeGreaterThan(8);
    expect(demandOf(3600 * 10_001, callCosts).redisNodes).toBe(Number.POSITIVE_INFINITY);
  });
});

it('says first what is used up first', () => {
  const limits = limitsOf(callCosts, 4);
  expect(limits.map(({ callsPerHour }) => Math.round(callsPerHour))).toEqual([
    Math.round((0.7 / 0.045) * 4 * 3600),
    360_000,
    3_600_000,
    36_000_000,
  ]);
  expect(limits.at(-1)?.remedy).toBeNull();
});

describe('the slots of a Cluster', () => {
  // The value of the specification, and two that redis-server gives for `CLUSTER KEYSLOT`.
  it.each([
    ['123456789', 0x31c3 % 16_384],
    ['p0', 15_882],
    ['server', 7752],
  ])('of %s is %i', (tag, slot) => {
    expect(slotOf(tag)).toBe(slot);
  });

  it('share the accounts among few nodes nearly evenly, and among 256 not at all', () => {
    expect(busiestShare(1)).toBe(1);
    expect(busiestShare(3) * 3).toBeLessThan(1.2);
    expect(busiestShare(256) * 256).toBeGreaterThan(2);
  });
});
