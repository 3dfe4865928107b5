// What a save and a start cost in a cluster of a thousand nodes: the file is written on every change. Beside them stands
// what no implementation can avoid, the encoding and decoding of the text itself.

import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import { formatNs, interleave, table } from '../../../scripts/bench-kit.ts';
import {
  formatNodesConf,
  fromTopology,
  type NodesConf,
  parseNodesConf,
  toTopology,
} from '../src/index.ts';
import { emptyNode } from '../src/nodes-conf.ts';

function confOf(size: number): NodesConf {
  const primaries = size / 2;
  const id = (i: number) => i.toString(16).padStart(40, '0');
  const edge = (i: number) => Math.floor((i * SLOT_COUNT) / primaries);
  const nodes = Array.from({ length: size }, (_, i) => ({
    ...emptyNode(id(i)),
    isSelf: i === 0,
    host: `10.0.${i >> 8}.${i & 255}`,
    port: 6379,
    busPort: 16379,
    shardId: id(i % primaries),
    role: i < primaries ? ('primary' as const) : ('replica' as const),
    primary: i < primaries ? null : id(i - primaries),
    pongReceivedMs: 1_795_186_592_371 + i,
    configEpoch: (i % primaries) + 1,
    isConnected: true,
    slots:
      i < primaries
        ? SlotSet.fromRanges([{ start: edge(i), end: edge(i + 1) - 1 }])
        : SlotSet.EMPTY,
  }));
  return { nodes, currentEpoch: primaries, lastVoteEpoch: 0 };
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const size = quick ? 10 : 1000;
  const topology = toTopology(confOf(size), { nowMs: 1 });
  const file = formatNodesConf(fromTopology(topology));
  const bytes = new TextEncoder().encode(file);
  if (formatNodesConf(parseNodesConf(bytes)) !== file)
    throw new Error('the file did not come back');

  const operations = quick ? 1 : 5;
  const repeat = (act: () => unknown) => () => {
    let last: unknown;
    for (let i = 0; i < operations; i++) last = act();
    return last;
  };
  const results = await interleave({
    rounds: quick ? 1 : 15,
    warmUpRounds: quick ? 0 : 3,
    cases: [
      {
        name: 'save: table to text',
        operations,
        run: repeat(() => formatNodesConf(fromTopology(topology))),
      },
      {
        name: 'encode the text alone',
        operations,
        run: repeat(() => new TextEncoder().encode(file)),
      },
      {
        name: 'start: bytes to table',
        operations,
        run: repeat(() => toTopology(parseNodesConf(bytes), { nowMs: 1 })),
      },
      {
        name: 'decode the bytes alone',
        operations,
        run: repeat(() => new TextDecoder().decode(bytes)),
      },
    ],
  });
  table(
    results.map(({ name, nsPerOperation }) => ({
      [`${size} nodes, ${bytes.length} bytes`]: name,
      time: formatNs(nsPerOperation),
    })),
  );
}
