// Two processes with one id: a copy of a node's files was started elsewhere, or a process goes on that
// was replaced while it stood still. Both would answer for the same slots, and the others would be led to
// the one and the other in turns. Neither Redis nor Valkey notices. Here they find each other, and one of
// them stands aside: it serves nothing, and says nothing on the bus but to the other one.
//
// How they find each other: a node that moves is told, by whoever sees it move, where else it has been
// seen (a gossip entry about the receiver, which peers read and ignore). It asks there, by a handshake
// that nobody but its twin can complete. Whoever is asked by its own id answers with who it is: since when
// it has been there, and a random number (an entry about itself, in the fields of times). One's own number
// means that the node has two addresses; a dead address answers nothing; another node has another id. So
// neither a restart elsewhere nor a message that comes back makes a twin, but only an answer on a
// connection of one's own. It counts for two node timeouts, and is asked for again each half of one.
//
// Who stands aside: the one that came later. A process that stood still for longer than a node timeout
// comes back later than whoever was started in its place.

import type { GossipEntry, PingMessage } from '@slotmesh/cluster-bus';
import type { LinkId, NodeAddress } from '@slotmesh/topology';
import { sameAddress } from './address.ts';
import type { GossipContext } from './context.ts';
import { probe } from './handshake.ts';
import { identity, isOwnToken } from './identity.ts';
import { SUSPECTS_MAX, TWIN_VALIDITY_MULTIPLIER } from './limits.ts';

/** Somebody has seen this node at an address. */
export function suspectAt(context: GossipContext, address: NodeAddress): void {
  const { topology, twins, nowMs } = context;
  const { host, port, altPort, busPort } = address;
  if (host === '' || busPort === 0) return;
  if (sameAddress(address, topology.addressOf(topology.self))) return;
  const key = keyOf(address);
  const known = twins.suspects.get(key);
  if (known !== undefined) {
    known.toldMs = nowMs;
    return;
  }
  if (twins.suspects.size >= SUSPECTS_MAX) {
    context.ignore('limit');
    return;
  }
  twins.suspects.set(key, {
    address: { host, port, altPort, busPort },
    toldMs: nowMs,
    answeredMs: Number.NEGATIVE_INFINITY,
    askedMs: Number.NEGATIVE_INFINITY,
    isSelf: false,
  });
}

function keyOf({ host, busPort }: NodeAddress): string {
  return `${host} ${busPort}`;
}

/** Somebody with this node's own id has connected: a twin, or this process by another address of its own. */
export function onOwnIdPing(context: GossipContext, link: LinkId, message: PingMessage): void {
  const { links } = context;
  const { header, gossip } = message;
  if (gossip.some((entry) => isOwnToken(context, entry))) return;
  const host = header.host === '' ? links.remoteHost(link) : header.host;
  const { port, altPort, busPort } = header;
  suspectAt(context, { host, port, altPort, busPort });
}

/** Asks where a twin may be, and ends what was not confirmed for long. */
export function watchTwins(context: GossipContext): void {
  const { twins, options, nowMs } = context;
  const toldMs = nowMs - options.nodeTimeoutMs;
  const answeredMs = nowMs - options.nodeTimeoutMs * TWIN_VALIDITY_MULTIPLIER;
  if (twins.answeredMs !== 0 && twins.answeredMs < answeredMs) end(context);
  for (const [key, suspect] of twins.suspects) {
    if (suspect.toldMs < toldMs && suspect.answeredMs < answeredMs) twins.suspects.delete(key);
    else if (!suspect.isSelf && nowMs - suspect.askedMs >= options.nodeTimeoutMs / 2) {
      suspect.askedMs = nowMs;
      probe(context, suspect.address);
    }
  }
}

function end(context: GossipContext): void {
  const { twins, dirty, nowMs } = context;
  twins.answeredMs = 0;
  if (twins.isAside) {
    twins.isAside = false;
    twins.sinceMs = nowMs;
    dirty.state = true;
  }
  context.notice({ kind: 'twinGone' });
}

/**
 * On a connection that this node opened somebody answered by this node's own id. `entries`: what it
 * gossips about. Whoever does not say who it is runs other software on a copy of our files.
 */
export function onOwnIdAnswer(
  context: GossipContext,
  address: NodeAddress,
  entries: readonly GossipEntry[],
): void {
  const { topology, twins, dirty, nowMs } = context;
  const suspect = twins.suspects.get(keyOf(address));
  if (entries.some((one) => isOwnToken(context, one))) {
    if (suspect !== undefined) suspect.isSelf = true;
    return;
  }
  const id = topology.idOf(topology.self);
  const entry = entries.find(({ node }) => node === id);
  const own = identity(context);
  if (suspect === undefined) suspectAt(context, address);
  else suspect.answeredMs = nowMs;
  const isNew = twins.answeredMs === 0;
  const isLater =
    entry === undefined ||
    own.sinceS > entry.pingSentS ||
    (own.sinceS === entry.pingSentS && own.token > entry.pongReceivedS);
  twins.answeredMs = nowMs;
  if (isLater !== twins.isAside) {
    twins.isAside = isLater;
    if (!isLater) twins.sinceMs = nowMs;
    dirty.state = true;
  } else if (!isNew) return;
  context.notice({ kind: 'twinFound', address, standsAside: isLater });
}
