import assert from 'node:assert/strict';
import type { BusMessage } from '@slotmesh/cluster-bus';
import { NO_LINK, StatusBit } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { converge, createCluster, settledCluster } from './support/convergence.ts';
import { NODE_TIMEOUT_MS } from './support/defaults.ts';
import { SimCluster } from './support/sim-cluster.ts';
import type { SimNode } from './support/sim-node.ts';

/** Loses the n-th message (from 1 on) that `wanted` holds for, and no other. */
function loseNth(
  n: number,
  wanted: (message: BusMessage, from: SimNode, to: SimNode) => boolean,
): (message: BusMessage, from: SimNode, to: SimNode) => boolean {
  let seen = 0;
  return (message, from, to) => wanted(message, from, to) && ++seen === n;
}

describe('handshake', () => {
  // S26: each of the messages between the two nodes is lost, one at a time.
  for (let n = 1; n <= 8; n++) {
    it(`ends with both sides knowing each other if message ${n} is lost`, () => {
      const sim = new SimCluster(2, { seed: n });
      const [a, b] = sim.nodes;
      sim.loss = loseNth(n, () => true);
      a.meet(b);
      converge(sim);
    });
  }

  for (const kind of ['meet', 'ping', 'pong'] as const) {
    for (const direction of ['to', 'from'] as const) {
      it(`survives the loss of the first ${kind} ${direction} the new node`, () => {
        const sim = new SimCluster(5);
        const [first, , , , added] = sim.nodes;
        const members = sim.nodes.slice(0, 4);
        for (const node of members.slice(1)) node.meet(first);
        converge(sim, members, 60_000);
        sim.loss = loseNth(1, (message, from, to) => {
          return message.kind === kind && (direction === 'to' ? to : from) === added;
        });
        added.meet(first);
        converge(sim);
      });
    }
  }

  it('repeats a MEET to a node that dropped it from its table before it connected back', () => {
    const sim = new SimCluster(2);
    const [a, b] = sim.nodes;
    // b cannot get through on its own link: its handshake with a times out, while a knows b
    // already.
    sim.loss = (message, from) => from === b && message.kind === 'ping';
    a.meet(b);
    sim.runUntil('a knows b', () => a.knows(b));
    sim.runUntil('b gave up', () => b.topology.size === 1);
    sim.loss = () => false;
    converge(sim);
  });

  it('gives up on an address where nobody answers', () => {
    const sim = new SimCluster(1);
    const [a] = sim.nodes;
    a.order({ kind: 'meet', host: '10.9.9.9', port: 7000, busPort: 17000 });
    a.order({ kind: 'meet', host: '10.9.9.9', port: 7000, busPort: 17000 });
    expect(a.topology.size).toBe(2);
    sim.run(NODE_TIMEOUT_MS + 500);
    expect(a.topology.size).toBe(1);
    expect(a.notices.map((notice) => notice.kind)).toEqual(['handshakeTimedOut']);
  });

  it('adds no ghosts when a known node, or itself, is met again', () => {
    const sim = settledCluster(new SimCluster(3));
    const [a, b] = sim.nodes;
    for (let i = 0; i < 5; i++) {
      a.meet(b);
      a.meet(a);
      sim.run(30);
    }
    converge(sim);
    expect(sim.nodes.map((node) => node.topology.size)).toEqual([3, 3, 3]);
    expect(a.topology.addressOf(a.topology.self).host).toBe(a.host);
  });

  it('learns names and shard ids, and forgets a name that is not set any more', () => {
    const sim = new SimCluster(3, { codec: true });
    const named = {
      host: '',
      port: 0,
      altPort: 0,
      busPort: 0,
      hostname: 'a.example',
      nodename: 'A',
    };
    sim.nodes[0].configure({ announce: named });
    settledCluster(sim);
    sim.run(5000);
    const [a, b, c] = sim.nodes;
    for (const node of [b, c]) {
      const index = node.view(a);
      expect(node.topology.labelsOf(index)).toMatchObject({ hostname: 'a.example', nodename: 'A' });
      expect(node.topology.shardIdOf(index)).toBe(a.topology.shardIdOf(a.topology.self));
    }
    a.configure({ announce: { ...named, hostname: '' } });
    sim.run(1000);
    expect(b.topology.labelsOf(b.view(a)).hostname).toBe('');
  });

  it('announces another host and other ports where the configuration says so', () => {
    const sim = new SimCluster(3);
    const [a, b] = sim.nodes;
    const announce = {
      host: '10.0.0.1',
      port: 6000,
      altPort: 6001,
      busPort: 0,
      hostname: '',
      nodename: '',
    };
    a.configure({ announce });
    settledCluster(sim);
    sim.run(5000);
    expect(b.topology.addressOf(b.view(a))).toEqual({
      host: '10.0.0.1',
      port: 6000,
      altPort: 6001,
      busPort: 17000,
    });
  });
});

describe('FORGET', () => {
  /** Tells `nodes` to forget the last node of the cluster, which goes on running. */
  function forgetLast(sim: SimCluster, nodes: readonly SimNode[]): SimNode {
    const gone = sim.nodes[sim.nodes.length - 1];
    for (const node of nodes) node.order({ kind: 'forget', id: gone.id });
    return gone;
  }

  it('keeps a node that still runs away, for the ban and ten minutes after', () => {
    const sim = new SimCluster(5);
    settledCluster(sim, sim.nodes.slice(0, 4));
    const members = sim.nodes.slice(0, 4);
    const gone = forgetLast(sim, members);
    for (let i = 0; i < 66; i++) {
      sim.run(10_000);
      for (const node of members) assert.ok(!node.knows(gone), `back after ${10 * i} s`);
    }
  });

  it('is passed on to the other nodes by the extension', () => {
    const sim = new SimCluster(6, { codec: true });
    settledCluster(sim, sim.nodes.slice(0, 5));
    const members = sim.nodes.slice(0, 5);
    const gone = forgetLast(sim, [members[0]]);
    sim.runUntil('forgotten', () => members.every((node) => !node.knows(gone)), 2000);
    const late = members[3].execute({ kind: 'forget', id: gone.id });
    expect(late).toEqual({ ok: true, text: 'OK' });
    sim.run(120_000);
    for (const node of members) expect(node.knows(gone)).toBe(false);
  });

  it('bans a node for its whole time when it is told so again', () => {
    const sim = new SimCluster(5);
    settledCluster(sim, sim.nodes.slice(0, 4));
    const [twice, once] = sim.nodes;
    const gone = forgetLast(sim, sim.nodes.slice(0, 4));
    sim.run(50_000);
    expect(twice.execute({ kind: 'forget', id: gone.id })).toEqual({ ok: true, text: 'OK' });
    sim.run(15_000);
    once.meet(gone);
    sim.runUntil('one knows it', () => once.knows(gone), 3000);
    sim.run(10_000);
    expect(twice.knows(gone)).toBe(false);
    sim.run(60_000);
    converge(sim);
  });

  it('lets a node come back by MEET at once after it was reset', () => {
    const sim = new SimCluster(4);
    settledCluster(sim, sim.nodes.slice(0, 3));
    const members = sim.nodes.slice(0, 3);
    const gone = forgetLast(sim, members);
    sim.run(1000);
    gone.order({ kind: 'reset', hard: false });
    gone.meet(members[0]);
    sim.runUntil('one knows it', () => members[0].knows(gone), 3000);
    sim.run(61_000);
    converge(sim);
  });

  it('ends the MEETs of a node that is forgotten as soon as it has joined', () => {
    const sim = new SimCluster(4);
    settledCluster(sim, sim.nodes.slice(0, 3));
    const members = sim.nodes.slice(0, 3);
    const gone = sim.nodes[3];
    gone.meet(members[0]);
    sim.runUntil('all know it', () => members.every((node) => node.knows(gone)));
    sim.runUntil('it has links from all', () =>
      members.every((node) => gone.topology.inboundLink(gone.view(node)) !== NO_LINK),
    );
    sim.run(100);
    forgetLast(sim, members);
    // Redis 7.0 believes any MEET, also of a node that it has just been told to forget.
    let meets = 0;
    sim.loss = (message, from) => {
      if (from === gone && message.kind === 'meet') meets++;
      return false;
    };
    sim.run(60_000);
    expect(meets).toBe(0);
  });

  it('does not take a MEET of a node that is banned and still knows others', () => {
    const sim = new SimCluster(5);
    settledCluster(sim, sim.nodes.slice(0, 4));
    const members = sim.nodes.slice(0, 4);
    const gone = forgetLast(sim, members);
    gone.meet(members[1]);
    sim.run(30_000);
    for (const node of members) expect(node.knows(gone)).toBe(false);
  });

  it('ends after cluster-blacklist-ttl: then gossip may bring a node back', () => {
    const sim = new SimCluster(4, { cluster: { blacklistTtlS: 5 } });
    settledCluster(sim, sim.nodes.slice(0, 3));
    const [a, b, c, x] = sim.nodes;
    // c hears of nothing, so it still knows x when it is back.
    sim.partition([c], [a, b]);
    a.order({ kind: 'forget', id: x.id });
    sim.run(3000);
    expect(a.knows(x)).toBe(false);
    sim.run(4000);
    sim.heal();
    sim.runUntil('back', () => a.knows(x));
  });

  it('drops the slots of the node', () => {
    const sim = settledCluster(new SimCluster(4));
    const gone = forgetLast(sim, sim.nodes.slice(0, 3));
    expect(sim.nodes[0].topology.assignedSlotCount).toBe(
      16384 - gone.topology.slotsOf(gone.topology.self).count,
    );
    sim.runUntil('fail', () => sim.nodes[0].state === 'fail');
  });
});

describe('addresses', () => {
  it('follows a node that comes back elsewhere', () => {
    const sim = settledCluster(new SimCluster(5));
    const moved = sim.nodes[2];
    moved.restart({ host: '10.1.0.1', port: 7777 });
    converge(sim);
    expect(moved.topology.addressOf(moved.topology.self).host).toBe('10.1.0.1');
    expect(sim.nodes[0].topology.addressOf(sim.nodes[0].view(moved))).toMatchObject({
      host: '10.1.0.1',
      port: 7777,
    });
  });

  it('follows a minority that comes back elsewhere, all at once', () => {
    const sim = settledCluster(new SimCluster(6));
    for (const node of sim.nodes.slice(0, 2)) node.restart({ host: `10.1.0.${node.index + 1}` });
    converge(sim);
  });

  it('sorts out two nodes that changed places', () => {
    const sim = settledCluster(new SimCluster(5, { codec: true }));
    const [a, b] = sim.nodes;
    const places = [
      { host: a.host, port: a.port },
      { host: b.host, port: b.port },
    ];
    a.kill();
    b.kill();
    a.restart(places[1]);
    b.restart(places[0]);
    converge(sim);
    for (const node of sim.nodes) {
      for (const index of node.topology.nodes()) {
        expect(node.topology.hasStatus(index, StatusBit.noAddress)).toBe(false);
      }
    }
  });

  it('does not merge with another cluster that took the address of a node that is down', () => {
    const sim = new SimCluster(6);
    const ours = sim.nodes.slice(0, 3);
    const theirs = sim.nodes.slice(3);
    for (const node of ours.slice(1)) node.meet(ours[0]);
    for (const node of theirs.slice(1)) node.meet(theirs[0]);
    converge(sim, ours);
    converge(sim, theirs);
    const place = { host: ours[2].host, port: ours[2].port };
    ours[2].kill();
    theirs[2].restart(place);
    sim.run(60_000);
    converge(sim, theirs);
    for (const node of ours.slice(0, 2)) {
      expect(node.topology.size).toBe(3);
      for (const other of theirs) expect(node.knows(other)).toBe(false);
      expect(node.topology.hasStatus(node.view(ours[2]), StatusBit.noAddress)).toBe(true);
    }
    for (const node of theirs) expect(node.topology.size).toBe(3);
  });
});

describe('restarts', () => {
  it('finds the same cluster again when all nodes were killed at once', () => {
    const sim = settledCluster(new SimCluster(6));
    const before = sim.nodes.map(
      (node) => `${node.id} ${node.topology.slotsOf(node.topology.self)}`,
    );
    for (const node of sim.nodes) node.kill();
    sim.run(5000);
    for (const node of sim.nodes) node.restart();
    converge(sim);
    const after = sim.nodes.map(
      (node) => `${node.id} ${node.topology.slotsOf(node.topology.self)}`,
    );
    expect(after).toEqual(before);
    sim.runUntil('ok', () => sim.nodes.every((node) => node.state === 'ok'));
  });

  it('survives kills while the cluster is being made', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const sim = new SimCluster(5, { seed });
      createCluster(sim);
      for (let i = 0; i < 8; i++) {
        sim.run(100 + sim.random.below(300));
        sim.nodes[sim.random.below(5)].restart();
      }
      // What was killed before it was known anywhere has to be met again.
      for (const node of sim.nodes)
        for (const other of sim.nodes) if (node !== other) node.meet(other);
      converge(sim);
    }
  });
});

describe('RESET', () => {
  it('makes a node alone, and the others keep it until they are told', () => {
    const sim = settledCluster(new SimCluster(3));
    const node = sim.nodes[2];
    const { id } = node;
    const epoch = node.topology.currentEpoch;
    node.keys.set(16000, 1);
    const refused = node.execute({ kind: 'reset', hard: false });
    expect(refused.text).toBe(
      "ERR CLUSTER RESET can't be called with master nodes containing keys",
    );
    node.keys.clear();
    node.order({ kind: 'reset', hard: false });
    expect(node.id).toBe(id);
    expect(node.topology.currentEpoch).toBe(epoch);
    expect(node.topology.size).toBe(1);
    expect(node.topology.assignedSlotCount).toBe(0);
    expect(node.lostSlots).toHaveLength(5462);
    sim.run(30_000);
    expect(node.topology.size).toBe(1);
    expect(sim.nodes[0].knows(node)).toBe(true);
    node.meet(sim.nodes[0]);
    sim.runUntil('back', () => node.topology.size === 3);
  });

  it('makes it another node when it is hard', () => {
    const sim = settledCluster(new SimCluster(3));
    const node = sim.nodes[2];
    const former = { id: node.id, shardId: node.topology.shardIdOf(node.topology.self) };
    node.order({ kind: 'reset', hard: true });
    expect(node.id).not.toBe(former.id);
    expect(node.id).toMatch(/^[0-9a-f]{40}$/);
    expect(node.topology.shardIdOf(node.topology.self)).not.toBe(former.shardId);
    expect(node.topology.currentEpoch).toBe(0);
    expect(node.topology.configEpochOf(node.topology.self)).toBe(0);
    sim.run(10_000);
    for (const other of sim.nodes.slice(0, 2)) {
      expect(
        other.topology.isFail(other.view(former.id)) ||
          other.topology.hasStatus(other.view(former.id), StatusBit.noAddress),
      ).toBe(true);
      other.order({ kind: 'forget', id: former.id });
    }
    node.meet(sim.nodes[0]);
    converge(sim);
  });
});

describe('PUBLISH', () => {
  const channel = new TextEncoder().encode('news');
  const message = new TextEncoder().encode('hello');

  it('reaches every other node once', () => {
    const sim = settledCluster(new SimCluster(5, { codec: true }));
    sim.nodes[1].input({ kind: 'publish', sharded: false, channel, message });
    sim.run(100);
    expect(sim.nodes.map((node) => node.delivered)).toEqual([
      ['news hello'],
      [],
      ['news hello'],
      ['news hello'],
      ['news hello'],
    ]);
  });

  it('reaches the nodes of the shard only when it is sharded', () => {
    const sim = new SimCluster(5, { codec: true });
    settledCluster(sim, sim.nodes.slice(0, 3));
    const [primary, , , r1, r2] = sim.nodes;
    for (const replica of [r1, r2]) {
      replica.topology.setReplicaOf(replica.topology.self, replica.view(primary));
    }
    sim.run(10_000);
    r1.input({ kind: 'publish', sharded: true, channel, message });
    sim.run(100);
    expect(sim.nodes.map((node) => node.delivered)).toEqual([
      ['sharded news hello'],
      [],
      [],
      [],
      ['sharded news hello'],
    ]);
    primary.input({ kind: 'publish', sharded: true, channel, message });
    sim.run(100);
    expect(r1.delivered).toEqual(['sharded news hello']);
    expect(sim.nodes[1].delivered).toEqual([]);
  });
});
