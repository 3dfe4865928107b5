// Hot path: per packet. PING, PONG and MEET: who is gossiped about, and with which extensions.
// Every message tells of a tenth of the known nodes, three at least, picked at random, and of all
// that look like failing: so a failure comes round in a time that hardly depends on the size of the
// cluster. That goes for those whose address is lost as well (Redis leaves them out): they are the
// ones that will not come back by themselves.

import {
  type BusHeader,
  type GossipEntry,
  NodeFlag,
  type PingExtension,
  type PingMessage,
} from '@slotmesh/cluster-bus';
import {
  type LinkId,
  NO_LINK,
  NO_NODE,
  type NodeIndex,
  STATUS_LIMIT,
  StatusBit,
} from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { answerMarks } from './counted-answer.ts';
import { buildHeader } from './header.ts';
import { identityEntry, isProbe } from './identity.ts';
import { isInbound } from './link-table.ts';
import { addSightings } from './sightings.ts';

const NO_ENTRIES: readonly GossipEntry[] = [];

/**
 * Sends a PING, PONG or MEET on a link that is up. `more`: what else the gossip section tells; `asked`: the
 * header that a PONG answers.
 */
export function sendPing(
  context: GossipContext,
  link: LinkId,
  kind: PingMessage['kind'],
  more: readonly GossipEntry[] = NO_ENTRIES,
  asked: BusHeader | null = null,
): void {
  const { topology, links, nowMs } = context;
  if (!links.isUp(link)) return;
  const receiver = links.nodeOf(link);
  if (kind !== 'pong' && receiver !== NO_NODE) {
    topology.setPingSent(receiver, nowMs);
    if (links.pingSentMs(link) === 0) links.setPingSent(link, nowMs);
  }
  const gossip = gossipSection(context, receiver);
  for (const entry of more) gossip.push(entry);
  if (kind !== 'pong' && isProbe(context, receiver)) gossip.push(identityEntry(context));
  context.send(link, {
    kind,
    header: kind === 'pong' ? answerHeader(context, receiver, asked) : buildHeader(context),
    gossip,
    extensions: extensionsFor(context, receiver),
  });
}

/**
 * The header of a PONG. An answer that must not keep the receiver's write lease says so, to those that ask
 * for it; all others count, so the voter has to remember them.
 */
function answerHeader(
  context: GossipContext,
  receiver: NodeIndex,
  asked: BusHeader | null,
): BusHeader {
  const { topology, nowMs } = context;
  if (receiver === NO_NODE) return buildHeader(context);
  const isAware = topology.hasStatus(receiver, StatusBit.leaseAware);
  const marks = isAware ? answerMarks(context, receiver, asked) : 0;
  if (marks === 0) topology.setAnswerSent(receiver, nowMs);
  return buildHeader(context, marks);
}

/**
 * Sends the first message on a new link: a MEET to a node that an operator had us meet and that we do
 * not know yet, a PING else. A member that has to take us in is pinged as well, and gets its MEET once
 * it has answered: at its address there may be a member of another cluster by now, which would take us
 * in. (Redis sends the MEET.)
 */
export function greet(context: GossipContext, link: LinkId): void {
  const { topology, links } = context;
  const node = links.nodeOf(link);
  const pendingMs = topology.pingSentMs(node);
  const { handshake, meet } = StatusBit;
  const isMet = topology.hasStatus(node, handshake) && topology.hasStatus(node, meet);
  sendPing(context, link, isMet ? 'meet' : 'ping');
  // What was not answered on the link before stays unanswered since then, or a node that takes
  // connections and says nothing would never look like failing.
  if (pendingMs !== 0) topology.setPingSent(node, pendingMs);
}

/** A PONG to all members: news of our own should not wait for the next pings. */
export function broadcastPong(context: GossipContext): void {
  const { topology } = context;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (!context.isMember(node)) continue;
    const link = topology.outboundLink(node);
    if (link !== NO_LINK && !isInbound(link)) sendPing(context, link, 'pong');
  }
}

/** A PONG to the nodes of this shard: its primary, and those that follow the same one. */
export function pongToShard(context: GossipContext): void {
  const { topology } = context;
  const { self } = topology;
  const own = topology.primaryOf(self);
  const head = own === NO_NODE ? self : own;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (!context.isMember(node) || node === self) continue;
    if (node !== head && topology.primaryOf(node) !== head) continue;
    const link = topology.outboundLink(node);
    if (link !== NO_LINK) sendPing(context, link, 'pong');
  }
}

function gossipSection(context: GossipContext, receiver: NodeIndex): GossipEntry[] {
  const { topology, random, picks, guesses } = context;
  const { size, indexLimit } = topology;
  // All but this node and the one that is spoken to.
  const most = size - 2;
  const wanted = Math.min(Math.max(3, Math.floor(size / 10)), most);
  picks.begin(indexLimit);
  for (let tries = wanted * 3; tries > 0 && picks.count < wanted; ) {
    // As many as may be needed, so that their rows are read together.
    const draws = Math.min(tries, wanted - picks.count);
    const rows = guesses.begin(draws);
    for (let i = 0; i < draws; i++) rows[i] = random.below(indexLimit);
    topology.touch(rows, draws);
    for (let i = 0; i < draws; i++) {
      const node = rows[i] as NodeIndex;
      if (node !== receiver && isWorthTelling(context, node)) picks.add(node);
    }
    tries -= draws;
  }
  if (picks.count === 0 && wanted > 0) addFirst(context, receiver);
  if (topology.pfailCount > 0) addFailing(context, receiver);
  context.told.begin(topology.nameRevision);
  context.told.touch(picks.rows, picks.count);
  const entries: GossipEntry[] = [];
  for (let i = 0; i < picks.count; i++) entries.push(gossipEntry(context, picks.at(i)));
  if (context.moves.size > 0) addSightings(context, receiver, entries);
  return entries;
}

/**
 * Bad luck must not make the section empty: that says that we know nobody, and a MEET that says so is
 * taken for one of a node that was reset.
 */
function addFirst(context: GossipContext, receiver: NodeIndex): void {
  for (let i = 0; i < context.topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (node === receiver || !isWorthTelling(context, node)) continue;
    context.picks.add(node);
    return;
  }
}

/** All that look like failing, wherever they are. */
function addFailing(context: GossipContext, receiver: NodeIndex): void {
  const { topology, picks } = context;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (topology.isPfail(node) && node !== receiver && context.isMember(node)) picks.add(node);
  }
}

/** Nodes without an address, and those whose id is not known yet, are nothing to tell. */
const UNTELLABLE: number = StatusBit.handshake | StatusBit.noAddress;

function isTellable({ topology }: GossipContext, node: NodeIndex): boolean {
  const status = topology.statusOf(node) & (StatusBit.used | UNTELLABLE);
  return status === StatusBit.used && node !== topology.self;
}

/**
 * A node that we know by hearsay alone is not passed on before we have heard it ourselves, unless it
 * has slots. (Redis passes it on as soon as it has begun to connect to it: one wrong id in one message
 * comes round to everybody, before the node at that address can say that it is another one.)
 */
function isWorthTelling(context: GossipContext, node: NodeIndex): boolean {
  const { topology } = context;
  if (!isTellable(context, node)) return false;
  const isHeard = topology.isLinked(node) && topology.dataReceivedMs(node) !== 0;
  return isHeard || topology.slotsOf(node).count > 0;
}

/**
 * A node that was not heard since the start has answered nobody here, whatever the file of a former life
 * says: its address may be that of long ago. (Redis tells of it as of a node that answered at the start.)
 */
function gossipEntry(context: GossipContext, node: NodeIndex): GossipEntry {
  const { topology, told } = context;
  const isHeard = topology.dataReceivedMs(node) !== 0;
  const pingSentS = Math.floor(topology.pingSentMs(node) / 1000);
  const pongReceivedS = isHeard ? Math.floor(topology.pongReceivedMs(node) / 1000) : 0;
  const flags = FLAGS_BY_STATUS[topology.statusOf(node)];
  const former = told.entry(node, pingSentS, pongReceivedS, flags);
  if (former !== undefined) return former;
  const { host, port, altPort, busPort } = topology.addressOf(node);
  const id = topology.idOf(node);
  const entry = { node: id, flags, pingSentS, pongReceivedS, host, port, altPort, busPort };
  return told.set(node, entry);
}

/** Status bits and the flags that stand for them on the wire, where gossip tells them. */
const TOLD: readonly (readonly [bit: number, flag: number])[] = [
  [StatusBit.pfail, NodeFlag.pfail],
  [StatusBit.fail, NodeFlag.fail],
  [StatusBit.noAddress, NodeFlag.noAddress],
  [StatusBit.noFailover, NodeFlag.noFailover],
  [StatusBit.migrateTo, NodeFlag.migrateTo],
  [StatusBit.extensionsSupported, NodeFlag.extensionsSupported],
];

/** The flags of the wire by the status bits: asked for each entry of each section. */
const FLAGS_BY_STATUS: Uint16Array = Uint16Array.from({ length: STATUS_LIMIT }, (_, status) => {
  let flags: number = status & StatusBit.replica ? NodeFlag.replica : NodeFlag.primary;
  for (const [bit, flag] of TOLD) if (status & bit) flags |= flag;
  return flags;
});

const NO_EXTENSIONS: readonly PingExtension[] = [];

/**
 * Extensions go to those only that have said they read them. Numbers 0 to 3 mean the same to Redis
 * and Valkey, so no others are sent.
 */
function extensionsFor(context: GossipContext, receiver: NodeIndex): readonly PingExtension[] {
  const { topology, blacklist, nowMs } = context;
  if (receiver === NO_NODE || !topology.hasStatus(receiver, StatusBit.extensionsSupported)) {
    return NO_EXTENSIONS;
  }
  const { hostname, nodename } = topology.labelsOf(topology.self);
  const extensions: PingExtension[] = [];
  if (hostname !== '') extensions.push({ kind: 'hostname', hostname });
  if (nodename !== '') extensions.push({ kind: 'nodename', nodename });
  for (const { id, ttlS } of blacklist.active(nowMs)) {
    if (id !== topology.idOf(receiver)) extensions.push({ kind: 'forgottenNode', node: id, ttlS });
  }
  const shardId = topology.shardIdOf(topology.self);
  if (shardId !== '') extensions.push({ kind: 'shardId', shardId });
  return extensions;
}
