import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { converge } from './support/convergence.ts';
import { NODE_TIMEOUT_MS } from './support/defaults.ts';
import { settledShards, slotCount, untilPromoted } from './support/replicas.ts';
import type { SimNode } from './support/sim-node.ts';

function votesGranted(nodes: readonly SimNode[]): number {
  return nodes.flatMap((node) => node.said('voteGranted')).length;
}

describe('an election', () => {
  it.each(['redis', 'valkey9'] as const)(
    'replaces a primary that is gone, which becomes a replica when it is back (%s)',
    (electionStrategy) => {
      const { sim, primaries, replicas } = settledShards([1, 0, 0], {
        codec: true,
        cluster: { electionStrategy },
      });
      const [old, ...others] = primaries;
      const [heir] = replicas[0];
      heir.offset = 100;
      const slots = old.topology.slotsOf(old.topology.self);
      old.kill();
      const startMs = sim.nowMs;
      untilPromoted(sim, [heir]);
      assert.ok(sim.nowMs - startMs < 2.5 * NODE_TIMEOUT_MS + 2000);
      expect(heir.roles).toEqual(['follow 0', 'promote']);
      expect(heir.topology.slotsOf(heir.topology.self).equals(slots)).toBe(true);
      expect(votesGranted(others)).toBe(2);
      sim.runUntil('ok', () => sim.upNodes.every((node) => node.state === 'ok'));
      old.restart();
      converge(sim);
      expect(old.primary).toBe(heir);
      expect(old.roles).toEqual(['follow 3']);
    },
  );

  it('is won by the replica with most of the data', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { sim, primaries, replicas } = settledShards([3, 0, 0], { seed });
      const [a, b, c] = replicas[0];
      [a.offset, b.offset, c.offset] = [10, 30, 20];
      sim.run(NODE_TIMEOUT_MS);
      primaries[0].kill();
      expect(untilPromoted(sim, replicas[0])).toBe(b);
      sim.runUntil('all follow', () => a.primary === b && c.primary === b);
      sim.run(10_000);
      expect(a.said('electionWon')).toEqual([]);
    }
  });

  it('is held for two shards at once: both get a primary', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { sim, primaries, replicas } = settledShards([1, 1, 0, 0, 0], { seed });
      primaries[0].kill();
      primaries[1].kill();
      untilPromoted(sim, replicas[0]);
      untilPromoted(sim, replicas[1]);
      sim.runUntil('ok', () => sim.upNodes.every((node) => node.state === 'ok'));
      expect(sim.watch.winners.size).toBe(2);
    }
  });

  it('is not held without a majority of the voters', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    primaries[0].kill();
    primaries[1].kill();
    sim.run(20 * NODE_TIMEOUT_MS);
    expect(replicas[0][0].isPrimary).toBe(false);
    expect(replicas[0][0].said('electionStarted')).toEqual([]);
  });

  it('counts each voter once, and for its own election only', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0, 0, 0]);
    const [heir] = replicas[0];
    const [old, voter, ...mute] = primaries;
    heir.dataAgeMs = 0;
    // Only one voter's answer gets through, and that many times and late.
    sim.loss = (message, from) => message.kind === 'failoverAuthAck' && mute.includes(from);
    const send = sim.send.bind(sim);
    sim.send = (from, link, message): void => {
      send(from, link, message);
      if (message.kind !== 'failoverAuthAck' || from !== voter) return;
      for (let i = 1; i <= 20; i++) sim.at(sim.nowMs + i * 1000, () => send(from, link, message));
    };
    old.kill();
    sim.run(30 * NODE_TIMEOUT_MS);
    expect(heir.said('electionStarted').length).toBeGreaterThan(1);
    expect(heir.isPrimary).toBe(false);
    sim.loss = () => false;
    untilPromoted(sim, [heir]);
  });

  it('is tried again when the votes were lost', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    sim.loss = (message) => message.kind === 'failoverAuthAck';
    primaries[0].kill();
    const [heir] = replicas[0];
    sim.runUntil('an election', () => heir.said('electionStarted').length === 1);
    const firstMs = sim.nowMs;
    sim.loss = () => false;
    untilPromoted(sim, [heir]);
    assert.ok(sim.nowMs - firstMs > 4 * NODE_TIMEOUT_MS, 'it was too early');
    assert.ok(sim.nowMs - firstMs < 4 * NODE_TIMEOUT_MS + 3000, 'it was too late');
  });

  it('is not held by a replica that may not, whose data is old, or not complete', () => {
    const { sim, primaries, replicas } = settledShards([3, 0, 0], {
      cluster: { replicaValidityFactor: 2, replPingPeriodMs: 1000 },
    });
    const [forbidden, old, loading] = replicas[0];
    forbidden.configure({ replicaNoFailover: true });
    old.dataAgeMs = 60_000;
    loading.dataAgeMs = 0;
    loading.isLoading = true;
    primaries[0].kill();
    sim.run(20 * NODE_TIMEOUT_MS);
    expect(replicas[0].filter((node) => node.isPrimary)).toEqual([]);
    expect(old.said('failoverObstacle').map((n) => n.obstacle)).toContain('dataAge');
    expect(loading.said('failoverObstacle').map((n) => n.obstacle)).toContain('loading');
    old.configure({ replicaValidityFactor: 0 });
    expect(untilPromoted(sim, replicas[0])).toBe(old);
  });

  it('is not held because a stranger says that the primary failed', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0, 1]);
    const [heir] = replicas[0];
    const [liar] = replicas[3];
    const { topology } = heir;
    const header = { ...liarHeader(liar) };
    const link = topology.inboundLink(heir.view(liar));
    heir.input({ kind: 'message', link, message: { kind: 'fail', header, node: primaries[0].id } });
    expect(topology.isFail(heir.view(primaries[0]))).toBe(true);
    heir.notices.length = 0;
    for (let i = 0; i < 20; i++) {
      sim.run(100);
      expect(heir.said('electionScheduled')).toEqual([]);
    }
  });

  it('is held after a restart of all voters, once they may vote', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    const [old, ...voters] = primaries;
    old.kill();
    sim.run(NODE_TIMEOUT_MS / 2);
    for (const voter of voters) voter.restart();
    const restartMs = sim.nowMs;
    untilPromoted(sim, replicas[0]);
    assert.ok(sim.nowMs - restartMs >= 1.02 * NODE_TIMEOUT_MS, 'a voter forgot whom it answered');
  });

  it('goes on after a restart of the replica', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    const [heir] = replicas[0];
    primaries[0].kill();
    sim.runUntil('an election', () => heir.said('electionScheduled').length === 1);
    heir.restart();
    heir.dataAgeMs = 0;
    untilPromoted(sim, [heir]);
    expect(heir.roles).toEqual(['follow 0', 'follow 0', 'promote']);
  });

  it('needs voters that know how they voted, or have heard a majority', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    const [old, amnesiac] = primaries;
    amnesiac.kill();
    amnesiac.disk = { ...amnesiac.disk, hasVoteMemory: false, lastVoteEpoch: 0 };
    sim.partition([amnesiac], [primaries[2]]);
    amnesiac.restart();
    sim.run(2 * NODE_TIMEOUT_MS);
    expect(amnesiac.topology.hasVoteMemory).toBe(false);
    old.kill();
    sim.heal();
    sim.runUntil('memory', () => amnesiac.topology.hasVoteMemory);
    expect(amnesiac.topology.lastVoteEpoch).toBe(amnesiac.topology.currentEpoch);
    untilPromoted(sim, replicas[0]);
    expect(amnesiac.disk.hasVoteMemory).toBe(true);
  });
});

function liarHeader(liar: SimNode) {
  const { topology } = liar;
  const primary = topology.primaryOf(topology.self);
  return {
    sender: liar.id,
    currentEpoch: topology.currentEpoch,
    configEpoch: topology.configEpochOf(primary),
    offset: 0,
    slots: topology.slotsOf(primary),
    replicaOf: topology.idOf(primary),
    host: '',
    port: 7000,
    altPort: 0,
    busPort: 17000,
    flags: 2,
    clusterState: 'ok' as const,
    messageFlags: 0,
  };
}

describe('a manual failover', () => {
  it('waits until the replica has everything, and loses nothing', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0], { codec: true });
    const [old] = primaries;
    const [heir] = replicas[0];
    old.offset = 500;
    heir.offset = 400;
    heir.order({ kind: 'failover', mode: 'graceful' });
    sim.run(1000);
    expect(old.roles).toEqual(['pauseWrites']);
    expect(heir.said('manualFailoverOffsetReceived')).toEqual([
      { kind: 'manualFailoverOffsetReceived', offset: 500 },
    ]);
    expect(heir.isPrimary).toBe(false);
    heir.offset = 500;
    untilPromoted(sim, [heir], 1000);
    sim.runUntil('the change', () => old.primary === heir, 1000);
    expect(old.roles).toEqual(['pauseWrites', 'resumeWrites', 'follow 3']);
    expect(heir.roles).toEqual(['follow 0', 'promote']);
    converge(sim);
  });

  it('is given up after its time, and the primary goes on', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0], {
      cluster: { manualFailoverTimeoutMs: 2500 },
    });
    const [old] = primaries;
    const [heir] = replicas[0];
    old.offset = 500;
    heir.order({ kind: 'failover', mode: 'graceful' });
    sim.run(2000);
    expect(old.roles).toEqual(['pauseWrites']);
    sim.run(1000);
    expect(old.roles).toEqual(['pauseWrites', 'resumeWrites']);
    expect(heir.said('manualFailoverTimedOut')).toHaveLength(1);
    heir.offset = 500;
    sim.run(5000);
    expect(heir.isPrimary).toBe(false);
    heir.order({ kind: 'failover', mode: 'graceful' });
    untilPromoted(sim, [heir], 2500);
  });

  it('with FORCE does not ask the primary', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    sim.watch.checksLeases = false;
    const [heir] = replicas[0];
    primaries[0].offset = 500;
    heir.order({ kind: 'failover', mode: 'force' });
    untilPromoted(sim, [heir], 1000);
    expect(primaries[0].roles).not.toContain('pauseWrites');
    converge(sim);
  });

  it('with TAKEOVER asks nobody', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    const [heir] = replicas[0];
    sim.partition([heir], primaries as SimNode[]);
    const epoch = heir.topology.currentEpoch;
    heir.order({ kind: 'failover', mode: 'takeover' });
    expect(slotCount(heir)).toBeGreaterThan(0);
    expect(heir.topology.configEpochOf(heir.topology.self)).toBeGreaterThan(epoch);
    sim.heal();
    converge(sim);
    expect(primaries[0].primary).toBe(heir);
  });

  it('is refused where redis-server refuses it', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    const [heir] = replicas[0];
    expect(primaries[0].execute({ kind: 'failover', mode: 'graceful' }).text).toBe(
      'ERR You should send CLUSTER FAILOVER to a replica',
    );
    primaries[0].kill();
    sim.runUntil('link lost', () => !heir.topology.isLinked(heir.view(primaries[0])));
    expect(heir.execute({ kind: 'failover', mode: 'graceful' }).text).toBe(
      'ERR Master is down or failed, please use CLUSTER FAILOVER FORCE',
    );
  });
});

describe('CLUSTER REPLICATE', () => {
  it('is refused where redis-server refuses it', () => {
    const { primaries, replicas } = settledShards([1, 0, 0]);
    const [replica] = replicas[0];
    const texts = [
      primaries[1].execute({ kind: 'replicate', id: 'f'.repeat(40) }),
      primaries[1].execute({ kind: 'replicate', id: primaries[1].id }),
      primaries[1].execute({ kind: 'replicate', id: replica.id }),
      primaries[1].execute({ kind: 'replicate', id: primaries[0].id }),
    ].map((outcome) => outcome.text);
    expect(texts).toEqual([
      `ERR Unknown node ${'f'.repeat(40)}`,
      "ERR Can't replicate myself",
      'ERR I can only replicate a master, not a replica.',
      'ERR To set a master the node must be empty and without assigned slots.',
    ]);
  });

  it('moves a replica to another shard', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    const [replica] = replicas[0];
    replica.order({ kind: 'replicate', id: primaries[1].id });
    converge(sim);
    expect(replica.primary).toBe(primaries[1]);
    expect(replica.roles).toEqual(['follow 0', 'follow 1']);
    const { topology } = replica;
    expect(topology.shardIdOf(topology.self)).toBe(
      primaries[1].topology.shardIdOf(primaries[1].topology.self),
    );
  });

  it('is undone by CLUSTER RESET, which takes the keys', () => {
    const { replicas } = settledShards([1, 0, 0]);
    const [replica] = replicas[0];
    replica.keys.set(1, 1);
    replica.order({ kind: 'reset', hard: false });
    expect(replica.isPrimary).toBe(true);
    expect(replica.keys.size).toBe(0);
    expect(replica.roles).toEqual(['follow 0', 'promote', 'emptyData']);
  });

  it('follows a primary that moves', () => {
    const { sim, primaries, replicas } = settledShards([1, 0, 0]);
    primaries[0].restart({ host: '10.9.0.1' });
    converge(sim);
    expect(replicas[0][0].roles).toEqual(['follow 0', 'follow 0']);
  });
});

describe('replicas', () => {
  it('move to a primary that has lost its last one', () => {
    const { sim, primaries, replicas } = settledShards([1, 2, 1]);
    const [lost] = replicas[0];
    lost.kill();
    const [mover] = [...replicas[1]].sort((a, b) => (a.id < b.id ? -1 : 1));
    sim.runUntil('the move', () => mover.primary === primaries[0], 30_000);
    sim.run(20_000);
    const stays = replicas[1].find((node) => node !== mover);
    expect(stays?.primary).toBe(primaries[1]);
    expect(mover.said('reconfigured')).toHaveLength(1);
  });

  it.each([
    ['the option is off', { allowReplicaMigration: false }],
    ['the primary would keep too few', { migrationBarrier: 2 }],
  ])('stay where %s', (_why, cluster) => {
    const { sim, primaries, replicas } = settledShards([1, 2, 1], { cluster });
    replicas[0][0].kill();
    sim.run(40_000);
    for (const node of replicas[1]) expect(node.primary).toBe(primaries[1]);
  });

  it('follow the primary of their primary', () => {
    const { sim, primaries, replicas } = settledShards([2, 0, 0]);
    const [heir, other] = replicas[0];
    heir.order({ kind: 'failover', mode: 'takeover' });
    converge(sim);
    expect(primaries[0].primary).toBe(heir);
    expect(other.primary).toBe(heir);
  });
});
