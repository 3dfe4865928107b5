// Where a command is served, asked once per command: the way that is taken when nothing is out of
// order, and the whole table of rules for comparison.

import assert from 'node:assert/strict';
import { SlotSet } from '@slotmesh/crc16-slots';
import { seededRandom } from '@slotmesh/machine';
import { Topology } from '@slotmesh/topology';
import { formatNs, interleave, table } from '../../../scripts/bench-kit.ts';
import { ClusterCore, decideRoute, type RouteRequest } from '../src/index.ts';
import { DEFAULTS, NO_FACTS } from '../test/support/defaults.ts';

const NOW_MS = 1_700_000_000_000;

function request(slot: number, write: boolean): RouteRequest {
  return {
    slot,
    crossSlot: false,
    write,
    shardedPubSub: false,
    isMigrate: false,
    readonlyClient: false,
    asking: false,
    presence: null,
  };
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const address = { host: '10.0.0.1', port: 7000, altPort: 0, busPort: 17000 };
  const topology = new Topology({ id: 'a'.repeat(40), address, createdMs: NOW_MS });
  topology.assignSlots(SlotSet.ALL, topology.self);
  topology.clusterState = 'ok';
  const random = seededRandom(1);
  const core = new ClusterCore({
    topology,
    options: DEFAULTS,
    random,
    facts: NO_FACTS,
    nowMs: NOW_MS,
  });
  const requests = Array.from({ length: 1000 }, (_, i) => request((i * 7919) % 16384, i % 2 === 0));
  for (const one of requests) assert.equal(core.route(NOW_MS, one).kind, 'serve');

  const repeats = quick ? 1 : 2000;
  const operations = repeats * requests.length;
  let served = 0;
  const measured = await interleave({
    rounds: quick ? 1 : 9,
    cases: [
      {
        name: 'serves',
        operations,
        run: () => {
          for (let i = 0; i < repeats; i++) {
            for (const one of requests) if (core.serves(NOW_MS, one.slot, one.write)) served++;
          }
        },
      },
      {
        name: 'route',
        operations,
        run: () => {
          for (let i = 0; i < repeats; i++) {
            for (const one of requests) if (core.route(NOW_MS, one).kind === 'serve') served++;
          }
        },
      },
      {
        name: 'decideRoute',
        operations,
        run: () => {
          for (let i = 0; i < repeats; i++) {
            for (const one of requests) {
              if (decideRoute(topology, DEFAULTS, one, true).kind === 'serve') served++;
            }
          }
        },
      },
    ],
  });
  assert.equal(served % operations, 0);
  console.log('Routing of a command whose slot is served here');
  table(
    measured.map(({ name, nsPerOperation }) => ({ way: name, time: formatNs(nsPerOperation) })),
  );
}
