// Configurations that no cluster would have but every file can hold.

import { SlotSet } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import type { NodesConf, NodesConfNode } from '../src/index.ts';
import { emptyNode } from '../src/nodes-conf.ts';
import { id } from './helpers.ts';

const port = fc.integer({ min: 0, max: 65535 });
const number = fc.maxSafeNat();
/** Short words, and text of any script with the characters that separate things. */
const label = fc.oneof(
  fc.constant(''),
  fc.constantFrom('zone-1', '10.0.0.7', '::1', 'a_b'),
  fc.string({ unit: fc.constantFrom(...'ab ,=;:%"\'\\é漢\u{1f600}\n\0-'), maxLength: 6 }),
);
const shardId = fc.constantFrom('', id('s1'), id('s2'));

const part = fc.record({
  host: fc.constantFrom('', '127.0.0.1', '::1', 'fe80::1%eth0'),
  port,
  busPort: port,
  hostname: label,
  shardId,
  nodename: label,
  tcpPort: fc.option(port),
  tlsPort: fc.option(port),
  clientIpv4: label,
  clientIpv6: label,
  clientTcpPort: port,
  clientTlsPort: port,
  availabilityZone: label,
  isPfail: fc.boolean(),
  isFail: fc.boolean(),
  hasNoAddress: fc.boolean(),
  hasNoFailover: fc.boolean(),
  pingSentMs: number,
  pongReceivedMs: number,
  configEpoch: number,
  isConnected: fc.boolean(),
  role: fc.constantFrom<NodesConfNode['role']>('primary', 'replica', 'unknown'),
  follows: fc.option(fc.nat(7)),
  slots: fc.uniqueArray(fc.nat(40), { maxLength: 5 }),
  isEdge: fc.boolean(),
});

/** Replicas follow nodes before them, so that there are no circles; slots go to whom comes first. */
export const anyConf: fc.Arbitrary<NodesConf> = fc
  .record({
    parts: fc.array(part, { minLength: 1, maxLength: 8 }),
    self: fc.nat(7),
    open: fc.uniqueArray(fc.record({ slot: fc.nat(16383), peer: fc.nat(7), out: fc.boolean() }), {
      selector: ({ slot }) => slot,
      maxLength: 4,
    }),
    currentEpoch: number,
    lastVoteEpoch: fc.option(number),
  })
  .map(({ parts, self, open, currentEpoch, lastVoteEpoch }) => {
    const nameOf = (index: number) => id(`n${index}`);
    const selfIndex = self % parts.length;
    const taken = new Set<number>();
    const nodes = parts.map(({ follows, slots, isEdge, ...fields }, index) => {
      const node = { ...emptyNode(nameOf(index)), ...fields, isSelf: index === selfIndex };
      if (node.role === 'replica') {
        node.primary = follows === null || index === 0 ? null : nameOf(follows % index);
        return node;
      }
      const wanted = isEdge ? [...slots, 16383, 16382] : slots;
      const free = wanted.filter((slot) => !taken.has(slot));
      for (const slot of free) taken.add(slot);
      node.slots = SlotSet.from(free);
      return node;
    });
    const peers = open
      .map(({ slot, peer, out }) => ({ slot, out, index: peer % parts.length }))
      .filter(({ index }) => index !== selfIndex)
      .sort((a, b) => a.slot - b.slot)
      .map(({ slot, out, index }) => ({ out, mark: { slot, node: nameOf(index) } }));
    nodes[selfIndex].migrating = peers.filter(({ out }) => out).map(({ mark }) => mark);
    nodes[selfIndex].importing = peers.filter(({ out }) => !out).map(({ mark }) => mark);
    return { nodes, currentEpoch, lastVoteEpoch };
  });
