import { describe, expect, it } from 'vitest';
import { Blacklist } from '../src/blacklist.ts';
import { BANS_PER_MESSAGE_MAX, BLACKLIST_MAX } from '../src/limits.ts';

describe('the blacklist', () => {
  it('bans until the end of the ban', () => {
    const list = new Blacklist();
    list.add('a', 1000);
    expect(list.has('a', 999)).toBe(true);
    expect(list.has('a', 1000)).toBe(false);
    expect(list.has('b', 0)).toBe(false);
    list.expire(1000);
    expect(list.size).toBe(0);
  });

  it('keeps the later end', () => {
    const list = new Blacklist();
    list.add('a', 1000);
    list.add('a', 500);
    expect(list.has('a', 800)).toBe(true);
    list.add('a', 2000);
    expect(list.has('a', 1500)).toBe(true);
  });

  it('passes bans on without ever making them longer', () => {
    const list = new Blacklist();
    list.add('a', 10_000);
    list.add('b', 900);
    expect([...list.active(0)]).toEqual([{ id: 'a', ttlS: 10 }]);
    expect([...list.active(1)]).toEqual([{ id: 'a', ttlS: 9 }]);
    // Two nodes that tell each other again and again come to an end.
    const other = new Blacklist();
    for (let nowMs = 0; nowMs < 60_000; nowMs += 100) {
      for (const { id, ttlS } of list.active(nowMs)) other.add(id, nowMs + ttlS * 1000);
      for (const { id, ttlS } of other.active(nowMs)) list.add(id, nowMs + ttlS * 1000);
    }
    expect(list.has('a', 10_000)).toBe(false);
    expect(other.has('a', 10_000)).toBe(false);
  });

  it('passes on no more than a message should carry, the latest ones', () => {
    const list = new Blacklist();
    for (let i = 0; i < 1000; i++) list.add(`${i}`, 60_000);
    const bans = list.active(0);
    expect(bans).toHaveLength(BANS_PER_MESSAGE_MAX);
    expect(bans.at(-1)?.id).toBe('999');
  });

  it('lets an operator pardon a node, until that ends or another order comes', () => {
    const list = new Blacklist();
    list.add('a', 1000);
    list.pardon('a', 1000);
    expect(list.has('a', 0)).toBe(false);
    expect(list.isPardoned('a', 999)).toBe(true);
    expect(list.isPardoned('a', 1000)).toBe(false);
    list.forget('a', 10, 1010);
    expect(list.isPardoned('a', 0)).toBe(false);
    expect(list.has('a', 1009)).toBe(true);
  });

  it('knows which order came last for as long as a ban lasts', () => {
    const list = new Blacklist();
    list.add('a', 1000);
    expect(list.wasForgottenAfter('a', 0)).toBe(false);
    list.forget('a', 10, 1010);
    expect(list.wasForgottenAfter('a', 9)).toBe(true);
    expect(list.wasForgottenAfter('a', 10)).toBe(false);
    list.expire(1009);
    expect(list.wasForgottenAfter('a', 9)).toBe(true);
    list.expire(1010);
    expect(list.wasForgottenAfter('a', 9)).toBe(false);
  });

  it('drops the oldest ban rather than grow without end', () => {
    const list = new Blacklist();
    for (let i = 0; i <= BLACKLIST_MAX; i++) list.add(`${i}`, 1000 + i);
    expect(list.size).toBe(BLACKLIST_MAX);
    expect(list.has('0', 0)).toBe(false);
    expect(list.has('1', 0)).toBe(true);
  });
});
