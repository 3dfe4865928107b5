// What one PING of a member costs: header, answer, role, slots and gossip, from the decoded message
// to the PONG as a value. For comparison a PUBLISH, which has only the header to look at.

import assert from 'node:assert/strict';
import type { BusHeader, GossipEntry } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { seededRandom } from '@slotmesh/machine';
import { type LinkId, Topology } from '@slotmesh/topology';
import { type BenchCase, formatNs, interleave, table } from '../../../scripts/bench-kit.ts';
import { Gossip, type GossipEffect, type GossipInput } from '../src/index.ts';

const NOW_MS = 1_700_000_000_000;
const LINK = 1 as LinkId;

const idOf = (i: number): string => i.toString(16).padStart(40, '0');
const addressOf = (i: number) => {
  return { host: `10.0.${i >> 8}.${i & 255}`, port: 7000, altPort: 0, busPort: 17000 };
};

/** A node that knows `known` others, with a link from the first of them. */
function nodeThatKnows(known: number): Gossip {
  const topology = new Topology({ id: idOf(0), address: addressOf(0), createdMs: NOW_MS });
  for (let i = 1; i <= known; i++) {
    const node = topology.addNode({ id: idOf(i), address: addressOf(i), createdMs: NOW_MS });
    topology.assignSlots(SlotSet.of(i), node);
  }
  const announce = { host: '', port: 0, altPort: 0, busPort: 0, hostname: '', nodename: '' };
  const gossip = new Gossip({
    topology,
    options: {
      nodeTimeoutMs: 15_000,
      replicaNoFailover: false,
      blacklistTtlS: 60,
      lease: true,
      stallGuard: true,
      allowReplicaMigration: true,
      announce,
    },
    random: seededRandom(1),
    facts: { keyCountInSlot: () => 0, replicationOffset: () => 0 },
    nowMs: NOW_MS,
  });
  const hosts = { remoteHost: addressOf(1).host, localHost: addressOf(0).host };
  gossip.step(NOW_MS, { kind: 'linkUp', link: LINK, ...hosts }, { push: () => 0 });
  return gossip;
}

function header(): BusHeader {
  const { host: _, ...ports } = addressOf(1);
  return {
    sender: idOf(1),
    currentEpoch: 0,
    configEpoch: 0,
    offset: 0,
    slots: SlotSet.of(1),
    replicaOf: null,
    host: '',
    ...ports,
    flags: 1,
    clusterState: 'ok',
    messageFlags: 0,
  };
}

function pingWith(entries: number): GossipInput {
  const gossip = Array.from({ length: entries }, (_, i): GossipEntry => {
    return { node: idOf(i + 2), pingSentS: 0, pongReceivedS: 0, ...addressOf(i + 2), flags: 1 };
  });
  const message = { kind: 'ping' as const, header: header(), gossip, extensions: [] };
  return { kind: 'message', link: LINK, message };
}

function publish(): GossipInput {
  const bytes = new Uint8Array(16);
  return {
    kind: 'message',
    link: LINK,
    message: { kind: 'publish', header: header(), channel: bytes, message: bytes },
  };
}

function caseOf(name: string, known: number, input: GossipInput, operations: number): BenchCase {
  const gossip = nodeThatKnows(known);
  const effects: GossipEffect[] = [];
  gossip.step(NOW_MS, input, effects);
  assert.match(effects[0].kind, /send|deliver/);
  let pushed = 0;
  const sink = { push: (): number => pushed++ };
  const run = (): number => {
    for (let i = 0; i < operations; i++) gossip.step(NOW_MS, input, sink);
    return pushed;
  };
  return { name, operations, run };
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const operations = quick ? 10 : 5000;
  const measured = await interleave({
    rounds: quick ? 1 : 15,
    cases: [
      caseOf('PING, 10 gossip entries, of 100 nodes', 100, pingWith(10), operations),
      caseOf('PING, 100 gossip entries, of 1000 nodes', 1000, pingWith(100), operations),
      caseOf('PUBLISH, of 100 nodes', 100, publish(), operations),
    ],
  });
  console.log('One message taken in, with the answer that it gets');
  table(
    measured.map(({ name, nsPerOperation }) => ({ message: name, time: formatNs(nsPerOperation) })),
  );
}
