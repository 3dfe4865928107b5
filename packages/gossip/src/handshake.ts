// How nodes come to know each other (the specification's "Nodes handshake"). A MEETs B: A enters B
// under a random id and sends MEET; B answers, enters A under a random id too, connects back and
// PINGs. Each side learns the other's id from the PONG to its own message. All others hear of the
// new node by gossip.
//
// More than Redis 7.0 does: a MEET or PING of a handshake is repeated until it is answered, and an
// operator's MEET is repeated, a few times, to a node that answers but does not connect back; so no
// single lost message leaves one side knowing the other and not the reverse. A MEET from a node that
// was forgotten and still runs is not taken. And B takes nobody but A for A: when it connects back, a
// member of another cluster may have got that address, and the two clusters would become one.

import type { BusHeader, PingMessage } from '@slotmesh/cluster-bus';
import {
  type LinkId,
  NO_LINK,
  NO_NODE,
  type NodeAddress,
  type NodeIndex,
  StatusBit,
} from '@slotmesh/topology';
import { updateAddress } from './address.ts';
import { type GossipContext, randomId } from './context.ts';
import { isProbe } from './identity.ts';
import { HANDSHAKES_MAX, handshakeTimeoutMs, KNOWN_NODES_MAX, MEETS_OWED_MAX } from './limits.ts';
import { sendPing } from './ping.ts';

/** What became of the wish to meet a node. */
export type MeetOutcome = 'started' | 'inProgress' | 'limit';

/**
 * Enters a node of which only the address is known. `meet`: by an operator's order, so that it gets
 * a MEET.
 */
export function startHandshake(
  context: GossipContext,
  address: NodeAddress,
  meet: boolean,
): MeetOutcome {
  const { topology, nowMs } = context;
  const known = handshakeWith(context, address);
  if (known !== NO_NODE) {
    if (meet) noteOrder(context, known);
    return 'inProgress';
  }
  if (context.handshakes >= HANDSHAKES_MAX || topology.size >= KNOWN_NODES_MAX) return 'limit';
  const id = randomId(context.random);
  const node = topology.addNode({ id, address, createdMs: nowMs, handshake: true });
  context.handshakes++;
  if (meet) noteOrder(context, node);
  return 'started';
}

function noteOrder({ topology, meetsMs, nowMs }: GossipContext, node: NodeIndex): void {
  topology.setStatus(node, StatusBit.meet, true);
  meetsMs.set(node, nowMs);
}

/**
 * Asks at an address whether another process with this node's id is there. Nobody else can complete the
 * handshake: whoever else answers is left alone.
 */
export function probe(context: GossipContext, address: NodeAddress): void {
  const { topology, callers } = context;
  if (startHandshake(context, address, false) !== 'started') return;
  callers.set(handshakeWith(context, address), topology.idOf(topology.self));
}

function handshakeWith(context: GossipContext, address: NodeAddress): NodeIndex {
  const { topology } = context;
  if (context.handshakes === 0) return NO_NODE;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (!topology.has(node) || !topology.hasStatus(node, StatusBit.handshake)) continue;
    const { host, port, busPort } = topology.addressOf(node);
    if (host === address.host && port === address.port && busPort === address.busPort) return node;
  }
  return NO_NODE;
}

/** A stranger's MEET: enters it in handshake, so that it is connected to and tells who it is. */
export function acceptMeet(context: GossipContext, link: LinkId, message: PingMessage): void {
  const { links, blacklist, nowMs } = context;
  const { header } = message;
  // A forgotten node that still runs knows others and tells of them. One that knows nobody was
  // reset, and an operator adds it again on purpose.
  if (blacklist.has(header.sender, nowMs)) {
    if (message.gossip.length > 0) {
      context.ignore('forgottenNode');
      return;
    }
    pardon(context, header.sender);
  }
  const host = header.host === '' ? links.remoteHost(link) : header.host;
  if (host === '' || header.busPort === 0) {
    context.ignore('malformedEntry');
    return;
  }
  const { port, altPort, busPort } = header;
  const address = { host, port, altPort, busPort };
  if (startHandshake(context, address, false) === 'limit') context.ignore('limit');
  else context.callers.set(handshakeWith(context, address), header.sender);
}

/**
 * The answer that ends a handshake of ours, on our link. Gives the node, now under its own id, or
 * NO_NODE where the row was not needed: the node is known already, is this one, or is banned.
 */
export function completeHandshake(
  context: GossipContext,
  link: LinkId,
  header: BusHeader,
): NodeIndex {
  const { topology, links, blacklist, dirty, nowMs } = context;
  const node = links.nodeOf(link);
  const isOrdered = topology.hasStatus(node, StatusBit.meet);
  const caller = context.callers.get(node);
  if (!isOrdered && caller !== undefined && caller !== header.sender) {
    context.ignore('otherCaller');
    context.removeNode(node);
    return NO_NODE;
  }
  const known = topology.find(header.sender);
  if (known !== NO_NODE) {
    if (known !== topology.self) {
      updateAddress(context, known, link, header);
      // The operator may have met it again because it does not know us.
      if (isOrdered) topology.setStatus(known, StatusBit.meet, true);
    }
    context.removeNode(node);
    return NO_NODE;
  }
  // An order to forget it may have come after the one to meet it.
  if (isOrdered && !blacklist.wasForgottenAfter(header.sender, context.meetsMs.get(node) ?? 0)) {
    pardon(context, header.sender);
  }
  if (blacklist.has(header.sender, nowMs)) {
    context.ignore('forgottenNode');
    context.removeNode(node);
    return NO_NODE;
  }
  topology.renameNode(node, header.sender);
  topology.setStatus(node, StatusBit.handshake, false);
  context.handshakes--;
  context.callers.delete(node);
  context.meetsMs.delete(node);
  dirty.save = true;
  dirty.state = true;
  const address = topology.addressOf(node);
  context.notice({ kind: 'nodeJoined', id: header.sender, address });
  return node;
}

/** The bans that other nodes keep, and pass on, last no longer than this. */
function pardon(context: GossipContext, id: string): void {
  const { blacklist, options, nowMs } = context;
  blacklist.pardon(id, nowMs + options.blacklistTtlS * 1000);
}

/**
 * A handshake that took too long ends; one that is not answered is tried again. True if the row is
 * gone. `resumedMs`: when this process last went on after it had stood still. A handshake has its time
 * from then on, or an order that came just before would never be tried.
 */
export function watchHandshake(
  context: GossipContext,
  node: NodeIndex,
  resumedMs: number,
): boolean {
  const { topology, options, nowMs } = context;
  const timeoutMs = handshakeTimeoutMs(options.nodeTimeoutMs);
  if (nowMs - Math.max(topology.createdMs(node), resumedMs) > timeoutMs) {
    if (!isProbe(context, node)) {
      context.notice({ kind: 'handshakeTimedOut', address: topology.addressOf(node) });
    }
    context.removeNode(node);
    return true;
  }
  const link = topology.outboundLink(node);
  if (link !== NO_LINK && nowMs - topology.pingSentMs(node) > timeoutMs / 4) {
    sendPing(context, link, topology.hasStatus(node, StatusBit.meet) ? 'meet' : 'ping');
  }
  return false;
}

/** What is known of a member that an operator had us meet. */
interface OwedMeet {
  /** Since when it has had no link to us, or when the last MEET was sent. */
  sinceMs: number;
  sent: number;
  /** Our link to it when it first had one to us. */
  knownOver: LinkId;
  /** Our link on which the last MEET was sent. */
  metOver: LinkId;
}

/**
 * The MEETs that are owed to members that an operator had us meet and that have not connected back.
 */
export class OwedMeets {
  readonly #owed = new Map<NodeIndex, OwedMeet>();

  /**
   * Looks at a member that is marked for a MEET. It has to hold a link to us for as long as a
   * handshake may take. One that had a link to us and then closed ours was told to forget us: a
   * handshake that fails over there ends with its own link only. Redis 7.0 would take us in again.
   */
  watch(context: GossipContext, node: NodeIndex): void {
    const { topology, links, options, nowMs } = context;
    const timeoutMs = handshakeTimeoutMs(options.nodeTimeoutMs);
    const inbound = topology.inboundLink(node);
    const link = topology.outboundLink(node);
    // Who is at the other end of a link that has not answered nobody knows.
    const hasAnswered =
      link !== NO_LINK &&
      links.isUp(link) &&
      topology.pingAnsweredMs(node) >= links.createdMs(link);
    let owed = this.#owed.get(node);
    if (owed === undefined) {
      const metOver = hasAnswered ? link : NO_LINK;
      owed = { sinceMs: nowMs, sent: 0, knownOver: NO_LINK, metOver };
      this.#owed.set(node, owed);
    }
    if (owed.knownOver !== NO_LINK && owed.knownOver !== link) {
      this.#settle(context, node);
      return;
    }
    if (inbound !== NO_LINK) {
      owed.knownOver = link;
      owed.sinceMs = nowMs;
      if (nowMs - links.createdMs(inbound) > timeoutMs) this.#settle(context, node);
      return;
    }
    if (!hasAnswered) return;
    if (link === owed.metOver) {
      if (nowMs - owed.sinceMs <= timeoutMs) return;
      if (owed.sent === MEETS_OWED_MAX) {
        this.#settle(context, node);
        return;
      }
      owed.sent++;
    }
    owed.metOver = link;
    owed.sinceMs = nowMs;
    sendPing(context, link, 'meet');
  }

  #settle(context: GossipContext, node: NodeIndex): void {
    context.topology.setStatus(node, StatusBit.meet, false);
    this.#owed.delete(node);
  }

  /** Drops what is kept of nodes that are gone or need no MEET. */
  sweep(context: GossipContext): void {
    const { topology } = context;
    for (const node of this.#owed.keys()) {
      if (!topology.has(node) || !topology.hasStatus(node, StatusBit.meet)) this.#owed.delete(node);
    }
  }
}
