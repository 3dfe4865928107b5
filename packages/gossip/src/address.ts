// Where nodes listen: how this node finds its own address out, how it notices that another one
// moved, and what it makes of an address at which somebody else answers.

import type { BusHeader } from '@slotmesh/cluster-bus';
import { type LinkId, type NodeAddress, type NodeIndex, StatusBit } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { noteMove } from './sightings.ts';

const NOWHERE: NodeAddress = { host: '', port: 0, altPort: 0, busPort: 0 };

export function sameAddress(a: NodeAddress, b: NodeAddress): boolean {
  return samePlace(a, b) && a.altPort === b.altPort;
}

/** Whether a link to the one is as good as a link to the other. */
function samePlace(a: NodeAddress, b: NodeAddress): boolean {
  return a.host === b.host && a.port === b.port && a.busPort === b.busPort;
}

/**
 * Takes the address from which a node speaks, and which it announces, for its own. If it moved, our
 * link to the old place goes, and the next tick opens one to the new place. On the node's own
 * outbound link nothing can be learned: that link leads to the address that we have.
 */
export function updateAddress(
  context: GossipContext,
  node: NodeIndex,
  link: LinkId,
  header: BusHeader,
): void {
  const { topology, links } = context;
  if (link === topology.outboundLink(node)) return;
  const host = header.host === '' ? links.remoteHost(link) : header.host;
  if (host === '') return;
  const { port, altPort, busPort } = header;
  const address = { host, port, altPort, busPort };
  const former = topology.addressOf(node);
  if (!samePlace(former, address)) noteMove(context, node, former);
  moveNode(context, node, address);
}

/** Gives a node another address, if it is another one. */
export function moveNode(context: GossipContext, node: NodeIndex, address: NodeAddress): void {
  const { topology, dirty } = context;
  const former = topology.addressOf(node);
  if (sameAddress(former, address)) return;
  topology.setAddress(node, address);
  dirty.save = true;
  if (samePlace(former, address)) return;
  topology.setStatus(node, StatusBit.noAddress, false);
  context.dropOutboundLink(node);
  dirty.state = true;
  context.notice({ kind: 'addressChanged', id: topology.idOf(node), address });
}

/**
 * Somebody else answers at a node's address: we do not know any more where that node is. It counts
 * as unanswered from now on, so that it looks like failing unless it, or gossip, says where it
 * went.
 */
export function loseAddress(context: GossipContext, node: NodeIndex): void {
  const { topology, dirty, nowMs } = context;
  if (topology.pingSentMs(node) === 0) topology.setPingSent(node, nowMs);
  topology.setStatus(node, StatusBit.noAddress, true);
  topology.setAddress(node, NOWHERE);
  context.dropOutboundLink(node);
  dirty.save = true;
}

/**
 * Other nodes reach this one at the local end of the links that they open. A MEET comes to the
 * address that an operator gave, so it overrides what was there. A PING only fills a gap, but for
 * the first one of a member after a start: the address that was saved may be that of another
 * machine.
 */
export function learnOwnHost(
  context: GossipContext,
  link: LinkId,
  isMeet: boolean,
  isFromMember: boolean,
): void {
  const { topology, links, options, dirty } = context;
  if (options.announce.host !== '') return;
  const own = topology.addressOf(topology.self);
  const isFirst = isFromMember && !context.isOwnHostConfirmed;
  if (isFromMember) context.isOwnHostConfirmed = true;
  if (!isMeet && !isFirst && own.host !== '') return;
  const host = links.localHost(link);
  if (host === '' || host === own.host) return;
  topology.setAddress(topology.self, { ...own, host });
  dirty.save = true;
  context.notice({ kind: 'ownAddressLearned', host });
}
