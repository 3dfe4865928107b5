// Hot path: per packet. What comes in, and in which order it is looked at: the header first, for
// every type; then the answer to a PING; then what can be learned. Peers count on this order.

import type { BusHeader, BusMessage, PingMessage } from '@slotmesh/cluster-bus';
import { unreachable } from '@slotmesh/machine';
import { type LinkId, NO_NODE, type NodeIndex, StatusBit } from '@slotmesh/topology';
import { learnOwnHost, loseAddress, updateAddress } from './address.ts';
import type { GossipContext } from './context.ts';
import { isCounted } from './counted-answer.ts';
import { resolveCollision } from './epoch.ts';
import { processExtensions } from './extensions.ts';
import { noteReachable, onFail } from './failure.ts';
import { mergeGossip } from './gossip-section.ts';
import { acceptMeet, completeHandshake } from './handshake.ts';
import { isSaneEpoch, observeHeader, takeConfigEpoch } from './header.ts';
import { identityEntry } from './identity.ts';
import { isInbound } from './link-table.ts';
import { sendPing } from './ping.ts';
import { deliver } from './publish.ts';
import { noteMark } from './renewal.ts';
import { copyFlags, isStaleConfig, updateRole } from './role.ts';
import { answerStaleClaim, onUpdate, processSlotClaim } from './slot-claim.ts';
import { onOwnIdAnswer, onOwnIdPing } from './twin.ts';

/** Takes one message of a link. Nothing that a peer can send makes it throw. */
export function receive(context: GossipContext, link: LinkId, message: BusMessage): void {
  const { topology, links } = context;
  if (!links.has(link)) {
    context.ignore('closedLink');
    return;
  }
  context.counts.countReceived(message.kind);
  const { header } = message;
  if (header === null) {
    receiveLight(context, link, message);
    return;
  }
  const sender = topology.find(header.sender);
  if (sender === topology.self) {
    receiveFromSelf(context, link, message);
    return;
  }
  if (!isSaneEpoch(context, Math.max(header.currentEpoch, header.configEpoch))) {
    context.ignore('epochJump');
    return;
  }
  if (sender !== NO_NODE) observeHeader(context, sender, header, link);
  dispatch(context, link, sender, message);
}

function dispatch(
  context: GossipContext,
  link: LinkId,
  sender: NodeIndex,
  message: BusMessage,
): void {
  if (sender === NO_NODE && !isPing(message)) {
    context.ignore('unknownSender');
    return;
  }
  switch (message.kind) {
    case 'ping':
    case 'pong':
    case 'meet':
      receivePing(context, link, sender, message);
      break;
    case 'fail':
      onFail(context, message);
      break;
    case 'update':
      onUpdate(context, message);
      break;
    case 'publish':
    case 'publishShard':
      deliver(context, message);
      break;
    case 'failoverAuthRequest':
      // Who asks by an old claim gets no vote, and would never hear of a primary that is dead why.
      answerStaleClaim(context, sender, message.header);
      context.news.push({ kind: 'message', sender, message });
      break;
    case 'failoverAuthAck':
    case 'manualFailoverStart':
      context.news.push({ kind: 'message', sender, message });
      break;
    case 'failoverAuthNack':
    case 'module':
    case 'unknown':
      context.ignore('notForGossip');
      break;
    default:
      unreachable(message);
  }
}

/** The messages that a stranger may send. */
function isPing(message: BusMessage): boolean {
  return message.kind === 'ping' || message.kind === 'pong' || message.kind === 'meet';
}

/**
 * A light header names no sender, so the link must. We do not announce that we read light headers,
 * and take them all the same; on a link of which we do not know whose it is they cannot be read,
 * and the peer should know.
 */
function receiveLight(context: GossipContext, link: LinkId, message: BusMessage): void {
  const { topology, links, nowMs } = context;
  const sender = links.nodeOf(link);
  if (sender === NO_NODE || topology.hasStatus(sender, StatusBit.handshake)) {
    context.ignore('unknownSender');
    context.dropLink(link);
    return;
  }
  topology.setDataReceived(sender, nowMs);
  if (message.kind === 'publish' || message.kind === 'publishShard') deliver(context, message);
  else context.ignore('notForGossip');
}

/**
 * We were sent to meet ourselves, or another process speaks in our name. Neither has anything to tell us
 * but that.
 */
function receiveFromSelf(context: GossipContext, link: LinkId, message: BusMessage): void {
  const { topology, links } = context;
  context.ignore('ownId');
  if (message.kind === 'ping' || message.kind === 'meet') {
    sendPing(context, link, 'pong', [identityEntry(context)]);
    onOwnIdPing(context, link, message);
    return;
  }
  const node = links.nodeOf(link);
  if (message.kind !== 'pong' || node === NO_NODE || isInbound(link)) return;
  onOwnIdAnswer(context, topology.addressOf(node), message.gossip);
  if (topology.hasStatus(node, StatusBit.handshake)) {
    completeHandshake(context, link, message.header);
  } else {
    loseAddress(context, node);
  }
}

function receivePing(
  context: GossipContext,
  link: LinkId,
  sender: NodeIndex,
  message: PingMessage,
): void {
  if (message.kind === 'pong') {
    receivePong(context, link, sender, message);
    return;
  }
  sendPing(context, link, 'pong', undefined, message.header);
  learnOwnHost(context, link, message.kind === 'meet', sender !== NO_NODE);
  if (sender === NO_NODE) {
    if (message.kind === 'meet') acceptMeet(context, link, message);
    else context.ignore('unknownSender');
    return;
  }
  if (message.kind === 'ping') updateAddress(context, sender, link, message.header);
  learn(context, sender, message);
}

function receivePong(
  context: GossipContext,
  link: LinkId,
  sender: NodeIndex,
  message: PingMessage,
): void {
  const { topology, links } = context;
  let speaker = sender;
  if (!isInbound(link)) {
    const node = links.nodeOf(link);
    if (topology.hasStatus(node, StatusBit.handshake)) {
      speaker = completeHandshake(context, link, message.header);
      if (speaker === NO_NODE) {
        // It was known already: what it says of itself counts all the same.
        if (sender !== NO_NODE) learnConfig(context, sender, message.header);
        return;
      }
      if (sender === NO_NODE) observeHeader(context, speaker, message.header, link);
    } else if (topology.idOf(node) !== message.header.sender) {
      loseAddress(context, node);
      return;
    }
    noteAnswer(context, link, speaker, message.header);
  }
  if (speaker === NO_NODE) context.ignore('unknownSender');
  else learn(context, speaker, message);
}

/**
 * A PONG on our own link answers a PING of ours; those that come on a peer's link are news that it
 * broadcasts.
 */
function noteAnswer(
  context: GossipContext,
  link: LinkId,
  node: NodeIndex,
  header: BusHeader,
): void {
  const { topology, links, options, nowMs } = context;
  topology.setPongReceived(node, nowMs);
  topology.setPingSent(node, 0);
  const sentMs = links.pingSentMs(link);
  if (sentMs !== 0) {
    links.setPingSent(link, 0);
    if (isCounted(context, header)) topology.setPingAnswered(node, sentMs);
    if (options.lease) noteMark(context, node, header, sentMs);
  }
  noteReachable(context, node);
}

/**
 * What a PING, PONG or MEET of a member teaches: its role before its slots, and its slots before
 * its gossip.
 */
function learn(context: GossipContext, sender: NodeIndex, message: PingMessage): void {
  learnConfig(context, sender, message.header);
  processExtensions(context, sender, message.extensions);
  mergeGossip(context, sender, message.gossip);
}

/** What a member says of itself. */
function learnConfig(context: GossipContext, sender: NodeIndex, header: BusHeader): void {
  copyFlags(context, sender, header);
  takeConfigEpoch(context, sender, header);
  if (isStaleConfig(context, sender, header)) {
    context.ignore('staleConfig');
    return;
  }
  updateRole(context, sender, header);
  processSlotClaim(context, sender, header);
  resolveCollision(context, sender, header);
}
