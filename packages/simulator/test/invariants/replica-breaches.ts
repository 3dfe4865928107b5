// The rules of elections and of replication, each broken once: see breaches.test.ts.

import type { BusHeader } from '@slotmesh/cluster-bus';
import type { ClusterEffect, ClusterNotice } from '@slotmesh/cluster-core';
import type { LinkId } from '@slotmesh/topology';
import type { Writes } from '../../src/ghost/writes.ts';
import type { SimNode, SimulationOptions, World } from '../../src/index.ts';
import { type Breach, patch, QUIET } from './support.ts';

/** Node 3 is a replica of node 0, and clients write in transactions, and wait for it. */
const REPLICATED: Partial<SimulationOptions> = {
  replication: { replicas: 1, saveEveryMs: 0, shutdownTimeoutMs: 10_000, machine: {} },
  workloads: [
    { name: 'writes', everyMs: 20, options: { slots: 64, deletes: 0, groups: 0.5, waits: 0.5 } },
    { name: 'reads', everyMs: 50, options: { slots: 64, readonlyClients: 0.5 } },
  ],
};

type Step = SimNode['core']['step'];

/** What a node does beyond its rules with each message that comes. */
function onMessage(
  { core }: SimNode,
  act: (link: LinkId, header: BusHeader, push: (effect: ClusterEffect) => void) => void,
): void {
  const step = core.step.bind(core);
  patch(core, 'step', (...[nowMs, input, effects]: Parameters<Step>) => {
    step(nowMs, input, effects);
    if (input.kind !== 'message' || input.message.header === null) return;
    act(input.link, input.message.header, (effect) => effects.push(effect));
  });
}

/** A node tells of what did not happen, once. */
function pretend(node: SimNode, ...notices: readonly ClusterNotice[]): void {
  let isTold = false;
  onMessage(node, (_link, _header, push) => {
    if (isTold) return;
    isTold = true;
    for (const notice of notices) push({ kind: 'notice', notice });
  });
}

/** A node votes for whoever sends it something. */
function voteForAll(node: SimNode): void {
  onMessage(node, (link, header, push) => {
    const vote = { ...header, sender: node.id, currentEpoch: 9 };
    push({ kind: 'send', link, message: { kind: 'failoverAuthAck', header: vote } });
  });
}

/** A key that clients wrote to a node, and that is there. */
function keyOf({ replicator: { data } }: SimNode): {
  readonly slot: number;
  readonly value: number;
} {
  for (const slot of data.slots()) {
    for (const value of data.valuesOf(slot)) if (value > 0) return { slot, value };
  }
  throw new Error('nobody has written yet');
}

/** Something is gone, and nobody asked for it. */
function lose(node: SimNode): void {
  node.replicator.data.apply({ kind: 'remove', ...keyOf(node) });
}

function restart(world: World, node: SimNode): void {
  node.stop('killed', world.dice('breach'));
  node.start();
}

const BREACHES: readonly Breach[] = [
  {
    id: 'A2',
    what: 'a voter that votes for everybody',
    says: /votes for .* in epoch 9, after .* at \d+/,
    breakIt: (_world, [, b]) => voteForAll(b),
  },
  {
    id: 'A4',
    what: 'a winner without votes',
    says: /has won in epoch 9 with 0 votes of 3 voters/,
    breakIt: (_world, [, , , d]) => {
      pretend(d, { kind: 'electionStarted', epoch: 9 }, { kind: 'electionWon' });
    },
  },
  {
    id: 'A5',
    what: 'two winners of one epoch',
    says: /has won epoch 9, which .* has won before/,
    breakIt: (_world, [a, , , d]) => {
      for (const node of [a, d]) {
        pretend(node, { kind: 'electionWon' }, { kind: 'configEpochTaken', configEpoch: 9 });
      }
    },
  },
  {
    id: 'A12',
    what: 'a replica that adds something of its own',
    says: /has other data at .* than somebody before it/,
    breakIt: (_world, [, , , d]) => d.replicator.data.apply({ kind: 'add', slot: 1, value: -77 }),
  },
  {
    id: 'A13',
    what: 'a replica that is ahead',
    says: /is at \d+, and its primary, node 0, at 7/,
    breakIt: (_world, [a]) => patch(a.replicator.machine, 'offset', 7),
  },
  {
    id: 'C3',
    what: 'a write that is gone',
    says: /the write of \d+ in slot \d+, .* is not at node 0, and nothing explains it/,
    phase: 'resting',
    breakIt: (_world, [a]) => lose(a),
  },
  {
    id: 'C4',
    what: 'a WAIT that counts who is not there',
    says: /says that 5 replicas are at \d+, and \d were/,
    breakIt: (_world, [a]) => {
      patch(a.replicator, 'wait', (...[, , , done]: Parameters<typeof a.replicator.wait>) =>
        done(5),
      );
    },
  },
  {
    id: 'C6',
    what: 'a primary that forgets what it acknowledged',
    says: /reads slot \d+ without \d+, which it acknowledged itself/,
    breakIt: (_world, [a]) => lose(a),
  },
  {
    id: 'C7',
    what: 'a transaction of which a part is gone',
    says: /of \d writes to slot \d+ in one transaction at \d+ ms, \d are at node 0/,
    phase: 'resting',
    breakIt: (world, [a]) => {
      for (const write of [...(world.ghost.writes as Writes).all()].flat()) {
        if (write.group === 0 || !a.replicator.data.has(write.slot, write.value)) continue;
        a.replicator.data.apply({ kind: 'remove', slot: write.slot, value: write.value });
        return;
      }
    },
  },
  {
    id: 'D6',
    what: 'a voter that does not know when it voted',
    says: /votes without memory, having heard \d of 3 voters/,
    breakIt: (world, [, b]) => {
      const saved = { ...b.saved, lastVoteEpoch: null };
      Object.defineProperty(b, 'saved', { get: () => saved, set: () => {} });
      restart(world, b);
      voteForAll(b);
    },
  },
  {
    id: 'D7',
    what: 'a primary that serves without its data',
    says: /serves \d+ ms too early, without the data that it had/,
    breakIt: (world, [a]) => {
      a.loseDataFile();
      restart(world, a);
      patch(a.core, 'route', () => ({ kind: 'serve' }));
    },
  },
  {
    id: 'Q5',
    what: 'a replica that has something else',
    says: /node 3 and its primary, node 0, have \d+ and \d+ keys, not the same/,
    phase: 'resting',
    breakIt: (_world, [, , , d]) => lose(d),
  },
];

export const REPLICA_BREACHES: readonly Breach[] = BREACHES.map((breach) => ({
  ...breach,
  options: { ...QUIET, ...REPLICATED },
}));
