// What others say of a node that this process has not heard itself: since its start, or ever.

import { SlotSet } from '@slotmesh/crc16-slots';
import type { NodeIndex } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { Bench, connect, entry, header, id, OPTIONS, ping } from './support.ts';

describe('an address that was not confirmed since the start', () => {
  it('is told of as that of a node that has answered nobody', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const { topology } = bench;
    const address = { host: '10.0.0.1', port: 7000, altPort: 0, busPort: 17000 };
    const b = topology.addNode({ id: id('b'), address, createdMs: bench.nowMs });
    topology.assignSlots(SlotSet.of(1), b);
    topology.setPongReceived(b, bench.nowMs);
    const told = (): number | undefined => {
      const [pong] = bench.message(a.in, ping('ping', 'a')).filter(({ kind }) => kind === 'send');
      if (pong?.kind !== 'send' || pong.message.kind !== 'pong') throw new Error('no answer');
      return pong.message.gossip.find(({ node }) => node === id('b'))?.pongReceivedS;
    };
    expect(told()).toBe(0);
    topology.setDataReceived(b, bench.nowMs);
    expect(told()).toBe(Math.floor(bench.nowMs / 1000));
  });

  it('does not take the place of one that is known', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const { node } = bench.member('b');
    bench.topology.markPfail(node);
    const elsewhere = entry('b', { host: '10.0.0.1', pongReceivedS: 0 });
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [elsewhere] }));
    expect(bench.topology.addressOf(node).host).toBe('10.0.0.98');
    const heard = entry('b', { host: '10.0.0.1' });
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [heard] }));
    expect(bench.topology.addressOf(node).host).toBe('10.0.0.1');
  });
});

describe('what is said of an owner that was never heard', () => {
  const UPDATE = { kind: 'update', configEpoch: 5, slots: SlotSet.of(1, 2) } as const;

  /** m owns slots 1 to 3; a tells it that x, which it has just heard of, owns two of them. */
  function told(): { bench: Bench; a: ReturnType<Bench['member']>; x: NodeIndex } {
    const bench = new Bench();
    bench.topology.assignSlots(SlotSet.of(1, 2, 3), bench.topology.self);
    const a = bench.member('a');
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [entry('x')] }));
    bench.message(a.in, { ...UPDATE, header: header('a'), node: id('x') });
    return { bench, a, x: bench.topology.find(id('x')) };
  }

  it('takes no slot, and nothing is served meanwhile', () => {
    const { bench, x } = told();
    expect(bench.topology.slotsOf(bench.topology.self).count).toBe(3);
    expect(bench.topology.configEpochOf(x)).toBe(0);
    expect(bench.gossip.ignored.get('hearsay')).toBe(1);
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(false);
  });

  it('is over once the owner says what it has', () => {
    const { bench, a, x } = told();
    const link = connect(bench);
    const claim = { currentEpoch: 5, configEpoch: 5, slots: SlotSet.of(2) };
    bench.message(link, ping('pong', 'x', claim));
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(true);
    expect(bench.topology.ownerOf(1)).toBe(bench.topology.self);
    expect(bench.topology.ownerOf(2)).toBe(x);
    // What a says again is no news.
    bench.message(a.in, { ...UPDATE, header: header('a'), node: id('x') });
    expect(bench.topology.ownerOf(1)).toBe(bench.topology.self);
  });

  it('is believed of an owner that was missed for a node timeout', () => {
    const { bench, a, x } = told();
    bench.run(OPTIONS.nodeTimeoutMs + 100);
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(true);
    bench.message(a.in, { ...UPDATE, header: header('a'), node: id('x') });
    expect([...bench.topology.slotsOf(x)]).toEqual([1, 2]);
  });

  it('is over once the owner is forgotten', () => {
    const { bench, x } = told();
    bench.gossip.forget(bench.nowMs, x, { push: () => 0 });
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(true);
  });

  it('is believed of slots that are not of this node, or that it has with a greater epoch', () => {
    const bench = new Bench();
    const { topology } = bench;
    topology.assignSlots(SlotSet.of(1), topology.self);
    topology.setConfigEpoch(topology.self, 6);
    const a = bench.member('a');
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [entry('x')] }));
    bench.message(a.in, { ...UPDATE, header: header('a'), node: id('x') });
    expect(topology.ownerOf(1)).toBe(topology.self);
    expect(topology.ownerOf(2)).toBe(topology.find(id('x')));
    expect(bench.gossip.mayServe(bench.nowMs)).toBe(true);
  });

  it('counts less than what the owner says in a handshake, though it was known by then', () => {
    const bench = new Bench();
    const { topology } = bench;
    topology.assignSlots(SlotSet.of(1, 2, 3), topology.self);
    const a = bench.member('a');
    const address = { host: '10.0.0.120', port: 7000, altPort: 0, busPort: 17000 };
    bench.gossip.meet(bench.nowMs, address);
    const link = connect(bench);
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [entry('x')] }));
    bench.message(link, ping('pong', 'x', { currentEpoch: 5, configEpoch: 5 }));
    expect(topology.configEpochOf(topology.find(id('x')))).toBe(5);
    bench.message(a.in, { ...UPDATE, header: header('a'), node: id('x') });
    expect(topology.slotsOf(topology.self).count).toBe(3);
  });
});
