// Every rule that a run is held to is broken once on purpose: a node is altered, or something happens
// that its package would never let happen. The run must end with that rule's name.

import { SlotSet } from '@slotmesh/crc16-slots';
import { NO_NODE, StatusBit } from '@slotmesh/topology';
import { describe, expect, test } from 'vitest';
import { INVARIANTS, optionsOf, type SimNode, Simulation } from '../../src/index.ts';
import { REPLICA_BREACHES } from './replica-breaches.ts';
import { type Breach, patch, QUIET, run, type Sabotage } from './support.ts';

const SERVE = Object.freeze({ kind: 'serve' });

function rowOf({ topology }: SimNode, other: SimNode) {
  return topology.find(other.id);
}

/** From now on nothing gets from or to a node. */
function isolate(world: Parameters<Sabotage['breakIt']>[0], node: SimNode): void {
  for (const other of world.nodes) {
    if (other === node) continue;
    world.network.hold(node, other);
    world.network.hold(other, node);
  }
}

const BREACHES: readonly Breach[] = [
  {
    id: 'A1',
    what: 'a node that forgets the epoch',
    says: /the epoch went from 4 back to 1/,
    breakIt: (_world, nodes) => {
      for (const { topology } of nodes) topology.currentEpoch = 1;
    },
  },
  {
    id: 'A3',
    what: 'a node that never saves',
    says: /sends config epoch 5, and has 1 on its disk/,
    breakIt: (_world, [node]) => {
      const former = node.saved;
      Object.defineProperty(node, 'saved', { get: () => former, set: () => {} });
      node.execute({ kind: 'bumpEpoch' });
    },
  },
  {
    id: 'A6',
    what: 'a slot that changes hands without a claim',
    says: /slots 0 went from .*: nobody said so/,
    breakIt: (_world, [a, b, c]) => {
      expect(rowOf(c, a)).toBe(c.topology.ownerOf(0));
      c.topology.assignSlots(SlotSet.of(0), rowOf(c, b));
    },
  },
  {
    id: 'A6',
    what: 'a claim that is believed though it is older',
    says: /claimed with config epoch 1, owned with 2/,
    breakIt: (world, [a, b, c]) => {
      const slot = b.topology.slotsOf(b.topology.self).ranges()[0].start;
      const step = c.core.step.bind(c.core);
      let isForged = false;
      patch(c.core, 'step', (...[nowMs, input, effects]: Parameters<typeof step>) => {
        step(nowMs, input, effects);
        if (input.kind !== 'message' || input.message.kind !== 'ping') return;
        const { header } = input.message;
        if (header.sender !== a.id) return;
        if (header.slots.has(slot)) c.topology.assignSlots(SlotSet.of(slot), rowOf(c, a));
        if (isForged) return;
        isForged = true;
        const link = world.network.connections().find(({ from, to }) => from === a && to === c);
        const claim = { ...header, slots: header.slots.with(slot) };
        if (link) world.network.forge(link, 'to', { ...input.message, header: claim });
      });
    },
  },
  {
    id: 'A7',
    what: 'a config epoch that nobody gave out',
    says: /claims slots with config epoch 77, never given to it/,
    breakIt: (_world, [{ topology }]) => topology.setConfigEpoch(topology.self, 77),
  },
  {
    id: 'A8',
    what: 'two nodes that follow each other',
    says: /follows a circle of replicas/,
    breakIt: (_world, [a, , , d]) => {
      const { topology } = a;
      topology.setReplicaOf(rowOf(a, d), topology.self);
      const above = topology.primaryOf.bind(topology);
      patch(topology, 'primaryOf', (node: typeof topology.self) =>
        node === topology.self ? rowOf(a, d) : above(node),
      );
      patch(topology, 'isPrimary', (node: typeof topology.self) => !topology.isReplica(node));
      topology.setStatus(topology.self, StatusBit.replica, true);
    },
  },
  {
    id: 'A9',
    what: 'a node that is pfail and fail at once',
    says: /is pfail and fail at once/,
    breakIt: (_world, [a, b]) => {
      a.topology.setStatus(rowOf(a, b), StatusBit.fail, true);
      a.topology.setStatus(rowOf(a, b), StatusBit.pfail, true);
    },
  },
  {
    id: 'A10',
    what: 'a write gate that never closes',
    says: /serves a write without a lease: within 2000 ms, 1 of 3 voters/,
    breakIt: (world, [a]) => {
      patch(a.core, 'mayWrite', () => true);
      isolate(world, a);
    },
  },
  {
    id: 'A10',
    what: 'a node that serves what is not its own',
    says: /serves a write of slot \d+, which is not its own/,
    breakIt: (_world, [a]) => patch(a.core, 'route', () => SERVE),
  },
  {
    id: 'A11',
    what: 'a process that wakes up and serves what waited',
    says: /serves a write after a stall/,
    breakIt: (world, [a]) => {
      patch(a.core, 'mayWrite', () => true);
      a.pause();
      world.after(1000, () => a.resume());
    },
  },
  {
    id: 'A14',
    what: 'keys of a slot that is somebody else’s',
    says: /holds keys of slot 16383, which is not its own/,
    breakIt: (_world, [a]) => {
      a.setKeys(16_383, 1);
      a.topology.revision++;
    },
  },
  {
    id: 'A15',
    what: 'a node marked failed for no reason',
    says: /is failed, and nobody was told why/,
    breakIt: (world, [a, b]) => a.topology.markFail(rowOf(a, b), a.clock.read(world.nowMs)),
  },
  {
    id: 'A15',
    what: 'a majority of one',
    says: /failed on 1 reports, 2 are needed/,
    breakIt: (world, [a]) => {
      patch(a.topology, 'failureReportCount', () => 3);
      isolate(world, a);
    },
  },
  {
    id: 'A16',
    what: 'two handshakes with one address',
    says: /has two handshakes with 10\.9\.9\.9:7000@17000/,
    breakIt: (_world, [{ topology }]) => {
      const address = { host: '10.9.9.9', port: 7000, altPort: 0, busPort: 17_000 };
      for (const id of ['c'.repeat(40), 'd'.repeat(40)]) {
        const node = topology.addNode({ id, address, createdMs: 2e12, handshake: true });
        topology.setStatus(node, StatusBit.noAddress, true);
      }
    },
  },
  {
    id: 'A17',
    what: 'an id that changes by itself',
    says: /was .*, and is e{40}/,
    breakIt: (_world, [{ topology }]) => topology.renameNode(topology.self, 'e'.repeat(40)),
  },
  {
    id: 'B1',
    what: 'a node that publishes nothing',
    says: /what node 0 published did not reach 1 2/,
    phase: 'resting',
    breakIt: (_world, [a]) => {
      const step = a.core.step.bind(a.core);
      patch(a.core, 'step', (...[nowMs, input, effects]: Parameters<typeof step>) => {
        if (input.kind !== 'publish') step(nowMs, input, effects);
      });
    },
  },
  {
    id: 'C5',
    what: 'two nodes that take writes to one slot',
    says: /node \d took a write to slot \d+ between two writes here/,
    breakIt: (_world, [a, b]) => {
      for (const { core } of [a, b]) patch(core, 'route', () => SERVE);
    },
  },
  {
    id: 'C8',
    what: 'nodes that send clients to each other',
    says: /slot \d+ leads from node to node: (\d > )+\d/,
    breakIt: (_world, nodes) => {
      nodes.forEach((node, i) => {
        const next = nodes[(i + 1) % nodes.length];
        patch(node.core, 'route', () => ({ kind: 'moved', slot: 0, node: rowOf(node, next) }));
        node.topology.revision++;
      });
    },
  },
  {
    id: 'L4',
    what: 'an epoch that grows at rest',
    says: /went from epoch 4 to 5 at rest/,
    phase: 'resting',
    breakIt: (_world, [a]) => {
      a.execute({ kind: 'bumpEpoch' });
    },
  },
  {
    id: 'L5',
    what: 'a node that is marked failed though no fault struck',
    says: /marks [0-9a-f]{40} failed, in a run without faults/,
    breakIt: (world, [, , , d]) => isolate(world, d),
  },
  {
    id: 'L6',
    what: 'a forgotten node that comes back',
    says: /is back \d+ ms before its ban is over/,
    breakIt: (world, [a, , , d]) => {
      const { id } = d;
      const address = { host: d.place.host, port: 7000, altPort: 0, busPort: 17_000 };
      a.execute({ kind: 'forget', id });
      world.after(3000, () => a.topology.addNode({ id, address, createdMs: 0 }));
    },
  },
  ...REPLICA_BREACHES,
];

describe('a broken rule is found by its name', () => {
  test.each(BREACHES)('$id: $what', (breach) => {
    const { failure } = run(breach);
    expect(failure).toMatchObject({
      invariant: breach.id,
      message: expect.stringMatching(breach.says),
    });
  });

  const BY_MUTANTS = ['A17b', 'D1', 'K4', 'P10', 'Q8', 'S31'];

  test('every rule is broken here, but for those that mutants break', () => {
    const broken = new Set([...BREACHES.map(({ id }) => id), ...BY_MUTANTS]);
    expect(INVARIANTS.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });

  test('a run that nobody disturbs breaks none', () => {
    const result = new Simulation(optionsOf(1, QUIET)).run();
    expect(result.failure).toBeNull();
    expect(result.acknowledgedWrites).toBeGreaterThan(0);
  });
});

describe('keys in slots that an operator has taken away', () => {
  const shard = {
    nodes: 6,
    replication: { replicas: 3, saveEveryMs: 0, shutdownTimeoutMs: 10_000, machine: {} },
  };

  test('are kept by the node, and by a replica that takes its place', () => {
    const promoted = run({
      ...{ id: 'A14', options: shard },
      breakIt: (world, [a]) => {
        const [slot] = a.keys.keys();
        a.execute({ kind: 'delSlots', slots: [slot] });
        const replica = world.nodes.find(
          ({ topology }) => topology.primaryOf(topology.self) === topology.find(a.id),
        );
        // As if they had joined since: nobody ever told them of an owner.
        world.after(100, () => {
          for (const { topology } of world.nodes) topology.unassignSlots(SlotSet.from([slot]));
        });
        world.after(3000, () => {
          expect(replica?.topology.ownerOf(slot)).toBe(NO_NODE);
          expect(replica?.execute({ kind: 'failover', mode: 'takeover' }).ok).toBe(true);
          expect(replica?.keys.get(slot)).toBeGreaterThan(0);
        });
        world.after(6000, () => replica?.execute({ kind: 'addSlots', slots: [slot] }));
      },
    });
    expect(promoted.failure).toBeNull();
  });
});

describe('without the lease', () => {
  test('writes that two nodes take in turns are counted, and fail nobody', () => {
    const cluster = { ...QUIET.cluster, lease: false } as NonNullable<typeof QUIET.cluster>;
    const result = run({
      id: 'C5',
      options: { cluster },
      breakIt: (_world, [a, b]) => {
        for (const { core } of [a, b]) patch(core, 'route', () => SERVE);
      },
    });
    expect(result.failure).toBeNull();
    expect(result.writeOverlapMs).toBeGreaterThan(0);
  });
});
