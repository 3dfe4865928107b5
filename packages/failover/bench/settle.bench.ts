// What failover costs the end of a batch, which may be one packet: where nothing is going on, which is nearly always, and
// for a tick of a replica among many.

import assert from 'node:assert/strict';
import { SlotSet } from '@slotmesh/crc16-slots';
import { seededRandom } from '@slotmesh/machine';
import { type NodeIndex, Topology } from '@slotmesh/topology';
import { type BenchCase, formatNs, interleave, table } from '../../../scripts/bench-kit.ts';
import { Failover, type FailoverEffect } from '../src/index.ts';

const NOW_MS = 1_700_000_000_000;
const idOf = (i: number): string => i.toString(16).padStart(40, '0');
const addressOf = (i: number) => {
  return { host: `10.0.${i >> 8}.${i & 255}`, port: 7000, altPort: 0, busPort: 17_000 };
};

/** A node among `size`, of which every second is a primary and the next one its replica; 0 is a primary. */
function nodeAmong(size: number, self: number, effects: FailoverEffect[]): Failover {
  const entry = (i: number) => ({ id: idOf(i), address: addressOf(i), createdMs: NOW_MS });
  const topology = new Topology(entry(self));
  for (let i = 0; i < size; i++) if (i !== self) topology.addNode(entry(i));
  const node = (i: number): NodeIndex => topology.find(idOf(i));
  for (let i = 0; i < size; i += 2) topology.assignSlots(SlotSet.of(i), node(i));
  for (let i = 1; i < size; i += 2) topology.setReplicaOf(node(i), node(i - 1));
  topology.clusterState = 'ok';
  const failover = new Failover({
    topology,
    options: {
      nodeTimeoutMs: 15_000,
      replicaNoFailover: false,
      replicaValidityFactor: 10,
      allowReplicaMigration: true,
      migrationBarrier: 1,
      replPingPeriodMs: 10_000,
      manualFailoverTimeoutMs: 5000,
      electionStrategy: 'redis',
      lease: true,
    },
    random: seededRandom(1),
    facts: {
      replicationOffset: () => 0,
      primaryLinkUp: () => true,
      lastPrimaryInteractionMs: () => NOW_MS,
      isLoading: () => false,
      keyCount: () => 0,
      keyCountInSlot: () => 0,
    },
    nowMs: NOW_MS,
  });
  failover.settle(NOW_MS, effects);
  return failover;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const size = quick ? 20 : 1000;
  const effects: FailoverEffect[] = [];
  const primary = nodeAmong(size, 0, effects);
  assert.equal(effects.length, 0);
  const replica = nodeAmong(size, 1, effects);
  assert.deepEqual(
    effects.splice(0).map((effect) => effect.kind),
    ['follow'],
  );
  const batches = quick ? 10 : 200_000;
  const ticks = quick ? 10 : 2000;
  const measured = await interleave({
    rounds: quick ? 1 : 15,
    cases: [
      settling('the end of a batch, primary', primary, batches, effects),
      settling('the end of a batch, replica', replica, batches, effects),
      ticking(`a tick, primary among ${size} nodes`, primary, ticks, effects),
      ticking(`a tick, replica among ${size} nodes`, replica, ticks, effects),
    ],
  });
  assert.deepEqual(effects, [], 'nothing was to be done');
  console.log('What failover costs where nothing fails');
  table(
    measured.map(({ name, nsPerOperation }) => ({ what: name, time: formatNs(nsPerOperation) })),
  );
}

function settling(
  name: string,
  failover: Failover,
  operations: number,
  effects: FailoverEffect[],
): BenchCase {
  return {
    name,
    operations,
    run: () => {
      for (let i = 0; i < operations; i++) failover.settle(NOW_MS, effects);
    },
  };
}

function ticking(
  name: string,
  failover: Failover,
  operations: number,
  effects: FailoverEffect[],
): BenchCase {
  return {
    name,
    operations,
    run: () => {
      for (let i = 0; i < operations; i++) failover.step(NOW_MS, { kind: 'tick' }, effects);
    },
  };
}
