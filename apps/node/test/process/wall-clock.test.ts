import { ClusterClock } from '@slotmesh/io';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WallClock } from '../../src/process/wall-clock.ts';

describe('the time that commands see', () => {
  let monotonicMs = 0;
  let clock: WallClock;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    monotonicMs = 0;
    const source = { wallMs: () => Date.now(), monotonicMs: () => monotonicMs };
    clock = new WallClock(new ClusterClock(source));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
    monotonicMs += ms;
  }

  it('goes on between batches', () => {
    expect([clock.wallMs(), clock.clusterMs()]).toEqual([1_000_000, 1_000_000]);
    pass(5);
    expect([clock.wallMs(), clock.clusterMs()]).toEqual([1_000_005, 1_000_005]);
  });

  it('stands still in a batch, and is read anew in the next', () => {
    clock.beginBatch();
    expect([clock.wallMs(), clock.clusterMs()]).toEqual([1_000_000, 1_000_000]);
    pass(5);
    expect([clock.wallMs(), clock.clusterMs()]).toEqual([1_000_000, 1_000_000]);
    clock.endBatch();
    expect(clock.wallMs()).toBe(1_000_005);
    clock.beginBatch();
    expect([clock.wallMs(), clock.clusterMs()]).toEqual([1_000_005, 1_000_005]);
  });

  it('is read anew in a batch after a command that was timed, because that may have taken long', () => {
    clock.beginBatch();
    clock.wallMs();
    pass(5000);
    clock.monotonicUs();
    expect([clock.wallMs(), clock.clusterMs()]).toEqual([1_005_000, 1_005_000]);
  });
});
