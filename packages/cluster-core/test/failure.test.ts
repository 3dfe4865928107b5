import assert from 'node:assert/strict';
import { SlotSet } from '@slotmesh/crc16-slots';
import { seededRandom } from '@slotmesh/machine';
import { Topology } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { ClusterCore } from '../src/index.ts';
import { converge, settledCluster } from './support/convergence.ts';
import { DEFAULTS, NO_FACTS, NODE_TIMEOUT_MS } from './support/defaults.ts';
import { SimCluster } from './support/sim-cluster.ts';
import type { SimNode } from './support/sim-node.ts';

/** The ids that a node sees as failed. */
function failedAt(node: SimNode): string[] {
  const { topology } = node;
  return [...topology.nodes()].filter((i) => topology.isFail(i)).map((i) => topology.idOf(i));
}

describe('failure detection', () => {
  it('turns a node that is gone into pfail and then fail, everywhere', () => {
    const sim = settledCluster(new SimCluster(5, { codec: true }));
    const [gone, ...others] = sim.nodes;
    gone.kill();
    const ms = sim.runUntil('fail', () => others.every((node) => failedAt(node).includes(gone.id)));
    assert.ok(ms > NODE_TIMEOUT_MS, `failed after ${ms} ms already`);
    assert.ok(ms < 2 * NODE_TIMEOUT_MS, `took ${ms} ms`);
    expect(others.map((node) => node.state)).toEqual(['fail', 'fail', 'fail', 'fail']);
    const said = others.flatMap((node) => node.notices).filter((n) => n.kind === 'nodeFailed');
    expect(said).toHaveLength(4);
  });

  it('serves on without full coverage, if that is not asked for', () => {
    const sim = new SimCluster(4, { cluster: { requireFullCoverage: false } });
    settledCluster(sim);
    sim.nodes[3].kill();
    sim.run(3 * NODE_TIMEOUT_MS);
    expect(sim.upNodes.map((node) => node.state)).toEqual(['ok', 'ok', 'ok']);
  });

  it('takes a primary with slots back after two node timeouts', () => {
    const sim = settledCluster(new SimCluster(4));
    const [gone, ...others] = sim.nodes;
    gone.kill();
    sim.runUntil('fail', () => others.every((node) => failedAt(node).length === 1));
    const failedMs = sim.nowMs;
    gone.restart();
    converge(sim);
    assert.ok(sim.nowMs - failedMs > 2 * NODE_TIMEOUT_MS, 'it was taken back too early');
    sim.runUntil('ok', () => sim.nodes.every((node) => node.state === 'ok'));
  });

  it('takes a primary without slots back at once', () => {
    const sim = new SimCluster(4);
    settledCluster(sim, sim.nodes.slice(0, 3));
    const gone = sim.nodes[3];
    gone.kill();
    sim.runUntil('fail', () => sim.upNodes.every((node) => failedAt(node).length === 1));
    gone.restart();
    const ms = sim.runUntil('back', () => sim.nodes.every((node) => failedAt(node).length === 0));
    assert.ok(ms < NODE_TIMEOUT_MS, `took ${ms} ms`);
  });

  it('needs a majority of the primaries with slots: two of five nodes cannot fail the rest', () => {
    const sim = settledCluster(new SimCluster(5));
    const few = sim.nodes.slice(0, 2);
    const many = sim.nodes.slice(2);
    sim.partition(few, many);
    sim.run(5 * NODE_TIMEOUT_MS);
    for (const node of few) {
      expect(failedAt(node)).toEqual([]);
      expect(node.state).toBe('fail');
    }
    for (const node of many) expect(failedAt(node).sort()).toEqual(few.map((f) => f.id).sort());
    sim.heal();
    converge(sim);
    sim.runUntil('ok', () => sim.nodes.every((node) => node.state === 'ok'));
  });

  it('does not count primaries without slots, in the quorum or as reporters', () => {
    const sim = new SimCluster(7);
    settledCluster(sim, sim.nodes.slice(0, 3));
    const [voter, , , ...empty] = sim.nodes;
    // The empty ones cannot reach the voter, the two other voters can.
    sim.partition([voter], empty);
    sim.run(6 * NODE_TIMEOUT_MS);
    for (const node of sim.nodes) expect(failedAt(node)).toEqual([]);
    for (const node of empty) expect(node.topology.isPfail(node.view(voter))).toBe(true);
  });

  it('lets a single voter decide alone', () => {
    const sim = new SimCluster(2);
    settledCluster(sim, sim.nodes.slice(0, 1));
    sim.nodes[1].kill();
    sim.runUntil('fail', () => failedAt(sim.nodes[0]).length === 1, 3 * NODE_TIMEOUT_MS);
  });

  it('suspects nobody in a quiet network, however slow it is', () => {
    const sim = new SimCluster(6, { delayMsMax: NODE_TIMEOUT_MS / 4 });
    settledCluster(sim);
    const before = sim.nodes.flatMap((node) => node.notices).length;
    sim.run(120_000);
    const notices = sim.nodes.flatMap((node) => node.notices);
    expect(notices.slice(before).filter((notice) => notice.kind === 'nodePfail')).toEqual([]);
    expect(notices.filter((notice) => notice.kind === 'nodeFailed')).toEqual([]);
  });

  it('suspects nobody after it stood still itself', () => {
    const sim = settledCluster(new SimCluster(3));
    const sleeper = sim.nodes[1];
    sleeper.isPaused = true;
    sim.run(3 * NODE_TIMEOUT_MS);
    const before = sleeper.notices.length;
    sleeper.isPaused = false;
    sim.run(NODE_TIMEOUT_MS);
    const said = sleeper.notices.slice(before).map((notice) => notice.kind);
    expect(said).not.toContain('nodePfail');
    converge(sim);
  });

  it('connects again, ever more slowly, to a node that is gone', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, b] = sim.nodes;
    let attempts = 0;
    const connect = sim.connect.bind(sim);
    sim.connect = (from, link, address): void => {
      if (from === a) attempts++;
      connect(from, link, address);
    };
    b.kill();
    sim.run(60_000);
    assert.ok(attempts > 30 && attempts < 80, `${attempts} attempts in a minute`);
  });
});

describe('the lease', () => {
  it('closes before a majority could replace a primary that was cut off', () => {
    const sim = settledCluster(new SimCluster(5));
    const [alone, ...others] = sim.nodes;
    sim.run(3000);
    expect(alone.core.mayWrite(sim.nowMs)).toBe(true);
    sim.partition([alone], others);
    const ms = sim.runUntil('closed', () => !alone.core.mayWrite(sim.nowMs));
    assert.ok(ms <= NODE_TIMEOUT_MS, `open for ${ms} ms`);
    expect(alone.state).toBe('ok');
    sim.runUntil('fail', () => alone.state === 'fail');
    sim.heal();
    converge(sim);
    sim.runUntil('open', () => sim.nodes.every((node) => node.core.mayWrite(sim.nowMs)));
  });

  it('closes also where messages still come in, but none gets out', () => {
    const sim = settledCluster(new SimCluster(3));
    const [mute, ...others] = sim.nodes;
    for (const other of others) sim.cut(mute, other);
    const ms = sim.runUntil('closed', () => !mute.core.mayWrite(sim.nowMs));
    assert.ok(ms <= NODE_TIMEOUT_MS, `open for ${ms} ms`);
  });

  it('is closed in the moment in which a process wakes up, until a majority answered', () => {
    const sim = settledCluster(new SimCluster(3));
    const sleeper = sim.nodes[0];
    sleeper.isPaused = true;
    // Shorter than the node timeout: answers that are young enough do not count either.
    sim.run(NODE_TIMEOUT_MS / 2);
    expect(sleeper.core.mayWrite(sim.nowMs)).toBe(false);
    sleeper.isPaused = false;
    const ms = sim.runUntil('open', () => sleeper.core.mayWrite(sim.nowMs), 1000);
    assert.ok(ms > 0);
  });

  it.each([0, 500])('is closed until a majority answered, at Unix time %i as well', (atMs) => {
    const address = { host: '10.0.0.1', port: 7000, altPort: 0, busPort: 17000 };
    const topology = new Topology({ id: 'a'.repeat(40), address, createdMs: atMs });
    const other = topology.addNode({ id: 'b'.repeat(40), address, createdMs: atMs });
    topology.assignSlots(SlotSet.of(1), topology.self);
    topology.assignSlots(SlotSet.of(2), other);
    const core = new ClusterCore({
      ...{ topology, options: DEFAULTS, random: seededRandom(1), nowMs: atMs },
      facts: NO_FACTS,
    });
    expect(core.mayWrite(atMs + 100)).toBe(false);
    topology.setPingAnswered(other, atMs + 150);
    expect(core.mayWrite(atMs + 200)).toBe(true);
  });

  it('is always open where the option is off, or nobody else votes', () => {
    const off = settledCluster(new SimCluster(3, { cluster: { lease: false } }));
    off.partition([off.nodes[0]], off.nodes.slice(1));
    off.run(NODE_TIMEOUT_MS);
    expect(off.nodes[0].core.mayWrite(off.nowMs)).toBe(true);
    const single = new SimCluster(2);
    settledCluster(single, single.nodes.slice(0, 1));
    single.partition([single.nodes[0]], [single.nodes[1]]);
    single.run(5 * NODE_TIMEOUT_MS);
    expect(single.nodes[0].core.mayWrite(single.nowMs)).toBe(true);
    single.nodes[0].isPaused = true;
    single.run(NODE_TIMEOUT_MS);
    expect(single.nodes[0].core.mayWrite(single.nowMs)).toBe(true);
  });

  it('stays open in a cluster that is at rest', () => {
    const sim = settledCluster(new SimCluster(8, { delayMsMax: 100 }));
    sim.run(1000);
    for (let i = 0; i < 600; i++) {
      sim.run(100);
      for (const node of sim.nodes) {
        assert.ok(node.core.mayWrite(sim.nowMs), `closed at ${node.describe()}`);
      }
    }
  });
});

describe('the state of the cluster', () => {
  it('is called ok by a primary only some time after its start', () => {
    const sim = settledCluster(new SimCluster(3));
    const node = sim.nodes[0];
    node.restart();
    const ms = sim.runUntil('ok', () => node.state === 'ok');
    assert.ok(ms >= 2000, `ok after ${ms} ms`);
    assert.ok(ms < 3000, `ok after ${ms} ms only`);
  });

  it('stays down for a while after a primary is back from a minority', () => {
    const sim = settledCluster(new SimCluster(3));
    const [alone, ...others] = sim.nodes;
    sim.partition([alone], others);
    sim.runUntil('fail', () => alone.state === 'fail');
    sim.run(1000);
    sim.heal();
    const ms = sim.runUntil('ok', () => alone.state === 'ok');
    // The rejoin delay is the node timeout, within bounds, from the last moment without a majority
    // on.
    assert.ok(ms >= NODE_TIMEOUT_MS, `ok after ${ms} ms`);
    assert.ok(ms < NODE_TIMEOUT_MS + 3000, `ok after ${ms} ms only`);
  });
});
