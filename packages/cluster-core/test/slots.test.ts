import { SlotSet } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { converge, createCluster, settledCluster } from './support/convergence.ts';
import { SimCluster } from './support/sim-cluster.ts';
import type { SimNode } from './support/sim-node.ts';

/**
 * What an election, or an operator's slot move, does at the winner: its own table says that it owns
 * the slots now.
 */
function takeSlots(node: SimNode, slots: SlotSet): void {
  const { topology } = node;
  topology.setPrimary(topology.self);
  topology.assignSlots(slots, topology.self);
  node.execute({ kind: 'bumpEpoch' });
}

/** What the loser of a failover does in its own table once it hears of it. */
function followIn(loser: SimNode, winner: SimNode): void {
  const { topology } = loser;
  topology.setPrimary(loser.view(winner));
  topology.setReplicaOf(topology.self, loser.view(winner));
}

function ownerAt(node: SimNode, slot: number): string {
  const owner: NodeIndex = node.topology.ownerOf(slot);
  return owner === NO_NODE ? 'nobody' : node.topology.idOf(owner);
}

describe('config epochs', () => {
  it('become different when all primaries start with the same one', () => {
    const sim = new SimCluster(10);
    sim.nodes.forEach((node, i) => {
      const start = Math.floor((i * 16384) / 10);
      const end = Math.floor(((i + 1) * 16384) / 10);
      node.order({
        kind: 'addSlots',
        slots: Array.from({ length: end - start }, (_, k) => start + k),
      });
    });
    for (const node of sim.nodes.slice(1)) node.meet(sim.nodes[0]);
    converge(sim);
    const epochs = sim.nodes.map((node) => node.topology.configEpochOf(node.topology.self));
    expect(new Set(epochs).size).toBe(10);
  });

  // Redis issue 1799: two primaries with one config epoch claim one range, and neither yields.
  it('settle who owns a slot that two primaries claim with the same epoch', () => {
    const sim = new SimCluster(4);
    const [a, b, c, d] = sim.nodes;
    const all = Array.from({ length: 16384 }, (_, slot) => slot);
    for (const node of [a, b]) {
      node.order({ kind: 'addSlots', slots: all });
      node.order({ kind: 'setConfigEpoch', epoch: 7 });
    }
    b.meet(a);
    c.meet(a);
    d.meet(b);
    converge(sim);
    const owners = new Set(sim.nodes.map((node) => ownerAt(node, 5)));
    expect(owners.size).toBe(1);
    // The smaller id moved to the next epoch, and so its claim is the newer one.
    const [winner, loser] = a.id < b.id ? [a, b] : [b, a];
    expect([...owners]).toEqual([winner.id]);
    expect(loser.lostSlots).toHaveLength(16384);
    for (let i = 0; i < 3; i++) {
      loser.restart();
      sim.run(3000);
      winner.restart();
      sim.run(3000);
    }
    converge(sim);
    expect(new Set(sim.nodes.map((node) => ownerAt(node, 5)))).toEqual(owners);
  });

  it('are not adopted when they are absurdly large', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, b] = sim.nodes;
    b.topology.currentEpoch = 2 ** 50;
    sim.run(5000);
    expect(a.topology.currentEpoch).toBe(3);
    expect(a.core.ignored.get('epochJump')).toBeGreaterThan(0);
  });
});

describe('slot claims', () => {
  it('with a greater config epoch win everywhere', () => {
    const sim = settledCluster(new SimCluster(4));
    const [a, b] = sim.nodes;
    takeSlots(b, SlotSet.fromRanges([{ start: 0, end: 99 }]));
    sim.runUntil('agreed', () => sim.nodes.every((node) => ownerAt(node, 50) === b.id), 3000);
    expect(a.lostSlots).toHaveLength(100);
    expect(a.notices.at(-1)).toEqual({ kind: 'slotsTaken', by: b.id, slots: a.lostSlots });
    converge(sim);
  });

  it('delete the keys of slots that were lost, and only of those', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, b] = sim.nodes;
    a.keys.set(10, 3).set(200, 4);
    takeSlots(b, SlotSet.of(10, 11));
    sim.runUntil('lost', () => a.lostSlots.length === 2);
    expect([...a.keys]).toEqual([[200, 4]]);
  });

  it.each([
    ['a replica of the new owner', true],
    ['a primary without slots, where replicas stay in their shards', false],
  ])('make a primary that lost its last slot %s', (_what, allowReplicaMigration) => {
    const sim = settledCluster(new SimCluster(3, { cluster: { allowReplicaMigration } }));
    const [a, b] = sim.nodes;
    takeSlots(b, a.topology.slotsOf(a.topology.self));
    converge(sim);
    expect(a.topology.isReplica(a.topology.self)).toBe(allowReplicaMigration);
    if (allowReplicaMigration) expect(a.topology.primaryOf(a.topology.self)).toBe(a.view(b));
    expect(a.topology.slotsOf(a.topology.self).count).toBe(0);
    sim.runUntil('ok', () => sim.nodes.every((node) => node.state === 'ok'));
  });

  it('of a node that was away too long are answered with an UPDATE', () => {
    const sim = settledCluster(new SimCluster(4, { codec: true }));
    const [a, b, ...others] = sim.nodes;
    a.keys.set(1, 1);
    const slots = a.topology.slotsOf(a.topology.self);
    a.kill();
    sim.run(1000);
    takeSlots(b, slots);
    sim.run(3000);
    // The new owner is away when the old one comes back: the others have to tell it.
    b.kill();
    a.restart();
    sim.runUntil('told', () => a.topology.slotsOf(a.topology.self).count === 0, 10_000);
    expect(ownerAt(a, 0)).toBe(b.id);
    // As a replica of the new owner it keeps the keys until replication has looked at them.
    expect(a.topology.primaryOf(a.topology.self)).toBe(a.view(b));
    expect(a.keys.size).toBe(1);
    const updates = others.map((node) =>
      [...node.core.stats.entries()].find((e) => e.type === 'update'),
    );
    expect(updates.some((count) => count !== undefined && count.sent > 0)).toBe(true);
    b.restart();
    converge(sim);
  });

  it('cannot take a slot from a greater epoch', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, b] = sim.nodes;
    b.order({ kind: 'bumpEpoch' });
    sim.run(2000);
    // a claims a slot of b, with its old epoch.
    a.topology.assignSlots(SlotSet.of(6000), a.topology.self);
    sim.runUntil('told', () => ownerAt(a, 6000) === b.id, 5000);
    converge(sim);
    expect(ownerAt(sim.nodes[2], 6000)).toBe(b.id);
  });

  it('take a slot that its owner has stopped announcing, whatever the epochs', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, b, c] = sim.nodes;
    c.order({ kind: 'delSlots', slots: [16000] });
    sim.run(3000);
    // Nobody claims it: it stays with c in the others' tables, so that it is not uncovered.
    expect(ownerAt(a, 16000)).toBe(c.id);
    expect(a.topology.relinquishedSlots.has(16000)).toBe(true);
    // b has a smaller config epoch than c, and gets the slot all the same.
    b.topology.unassignSlots(SlotSet.of(16000));
    b.order({ kind: 'addSlots', slots: [16000] });
    sim.runUntil('taken', () => sim.nodes.every((node) => ownerAt(node, 16000) === b.id), 5000);
    converge(sim);
  });

  it('bring back a slot that was dropped by mistake', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, , c] = sim.nodes;
    c.order({ kind: 'delSlots', slots: [16000] });
    sim.run(3000);
    c.order({ kind: 'addSlots', slots: [16000] });
    sim.run(3000);
    expect(a.topology.relinquishedSlots.count).toBe(0);
    converge(sim);
  });
});

describe('roles', () => {
  it('change with what a node says of itself: a failover, seen by a third node', () => {
    const sim = new SimCluster(4, { codec: true });
    settledCluster(sim, sim.nodes.slice(0, 3));
    const [primary, , , replica] = sim.nodes;
    replica.topology.setReplicaOf(replica.topology.self, replica.view(primary));
    const shardId = primary.topology.shardIdOf(primary.topology.self);
    replica.topology.setShardId(replica.topology.self, shardId);
    converge(sim);
    const slots = primary.topology.slotsOf(primary.topology.self);
    takeSlots(replica, slots);
    followIn(primary, replica);
    converge(sim);
    for (const node of sim.nodes) {
      expect(node.topology.isReplica(node.view(primary))).toBe(true);
      expect(node.topology.shardIdOf(node.view(primary))).toBe(shardId);
      expect(ownerAt(node, 0)).toBe(replica.id);
      node.core.invariants();
    }
  });

  it('never form a circle, whichever of two nodes that changed places is heard first', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const sim = new SimCluster(5, { seed, checkEvery: 7, delayMsMax: 200 });
      createCluster(sim, sim.nodes.slice(0, 3));
      converge(sim);
      const [primary, , , replica] = sim.nodes;
      replica.topology.setReplicaOf(replica.topology.self, replica.view(primary));
      converge(sim);
      let [from, to] = [primary, replica];
      const slots = from.topology.slotsOf(from.topology.self);
      for (let i = 0; i < 3; i++) {
        // The majority that elects a node tells it of every epoch that was won before.
        const epochs = sim.nodes.map((node) => node.topology.currentEpoch);
        to.topology.currentEpoch = Math.max(...epochs);
        takeSlots(to, slots);
        followIn(from, to);
        sim.run(sim.random.below(400));
        [from, to] = [to, from];
      }
      converge(sim);
    }
  });
});
