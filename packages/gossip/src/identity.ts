// Which process this is, of those that have this node's id: as a rule the only one. Told to nobody but
// whoever speaks by the same id.

import type { GossipEntry } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { whereabouts } from './sightings.ts';

/** Made up at the start of a process, and saved nowhere. */
export interface Identity {
  /** Since when it has been in its office, Unix seconds; {@link ASIDE} while it stands aside. */
  readonly sinceS: number;
  /** 32 random bits. */
  readonly token: number;
}

/** Later than any time. */
const ASIDE = 0xffff_ffff;

export function identity({ twins, random }: GossipContext): Identity {
  twins.token ??= random.uint32();
  const sinceS = twins.isAside ? ASIDE : Math.floor(twins.sinceMs / 1000);
  return { sinceS, token: twins.token };
}

/** As an entry of a gossip section, in its fields of times; peers do not look at an entry like this. */
export function identityEntry(context: GossipContext): GossipEntry {
  const { topology } = context;
  const { sinceS, token } = identity(context);
  const entry = whereabouts(context, topology.self, topology.addressOf(topology.self));
  return { ...entry, pingSentS: sinceS, pongReceivedS: token };
}

/** Whether this process has written an entry. */
export function isOwnToken({ topology, twins }: GossipContext, entry: GossipEntry): boolean {
  return entry.node === topology.idOf(topology.self) && entry.pongReceivedS === twins.token;
}

/** Whether a row in handshake is there to find another process with this node's id. */
export function isProbe({ topology, callers }: GossipContext, node: NodeIndex): boolean {
  return callers.size > 0 && callers.get(node) === topology.idOf(topology.self);
}
