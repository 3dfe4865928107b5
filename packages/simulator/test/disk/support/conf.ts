// Real nodes.conf texts, and what a loader makes of a crash image.

import { SlotSet } from '@slotmesh/crc16-slots';
import {
  formatNodesConf,
  fromTopology,
  NodesConfError,
  parseNodesConf,
} from '@slotmesh/nodes-conf';
import { Topology } from '@slotmesh/topology';
import { contentOf } from '../../../src/disk/content.ts';
import type { DiskImage } from '../../../src/disk/crash.ts';

export const CONF = 'nodes.conf';
export const BAK = 'nodes.conf.bak';

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A disk with these texts on it. */
export function diskWith(files: Record<string, string>): DiskImage {
  return new Map(Object.entries(files).map(([name, text]) => [name, contentOf(bytesOf(text))]));
}

export function textIn(image: DiskImage, name: string): string | null {
  const content = image.get(name);
  return content === undefined ? null : textOf(content.bytes());
}

/** The file of a node in a cluster of `size`, at that epoch. */
export function confText(size: number, epoch: number): string {
  const id = (n: number): string => n.toString(16).padStart(40, 'a');
  const address = (n: number) => ({
    host: `10.0.0.${n + 1}`,
    port: 7000,
    altPort: 0,
    busPort: 17000,
  });
  const topology = new Topology({
    id: id(0),
    address: address(0),
    createdMs: 1_700_000_000_000,
    shardId: id(500),
  });
  for (let n = 1; n < size; n++) {
    topology.addNode({
      id: id(n),
      address: address(n),
      createdMs: 1_700_000_000_000,
      shardId: id(500 + n),
      configEpoch: n,
    });
  }
  const slots = SlotSet.fromRanges([{ start: 100 * epoch, end: 100 * epoch + 5000 }]);
  const conf = fromTopology(topology);
  return formatNodesConf({
    ...conf,
    currentEpoch: epoch,
    lastVoteEpoch: epoch,
    nodes: conf.nodes.map((node) => (node.isSelf ? { ...node, slots, configEpoch: epoch } : node)),
  });
}

export type Verdict = 'old' | 'new' | 'refused' | 'absent' | 'MIX';

/** What a node that starts from this image has. Only what a loader accepts and nobody wrote is a mix. */
export function verdict(image: DiskImage, old: string | null, fresh: string, name = CONF): Verdict {
  const content = image.get(name)?.bytes();
  if (content === undefined) return 'absent';
  try {
    parseNodesConf(content);
  } catch (error) {
    if (error instanceof NodesConfError) return 'refused';
    throw error;
  }
  const text = textOf(content);
  if (text === fresh) return 'new';
  return text === old ? 'old' : 'MIX';
}
