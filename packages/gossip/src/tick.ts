// What happens by the clock: ten times a second, in this order: links, a random ping once a second,
// then for every member a new link where the old one is dead, a ping where one is due, and pfail
// where none was answered.

import { type LinkId, NO_LINK, type NodeIndex, StatusBit } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { detectPfail } from './failure.ts';
import { OwedMeets, watchHandshake } from './handshake.ts';
import {
  CONNECTS_PER_TICK_MAX,
  RANDOM_PING_SAMPLES,
  RANDOM_PING_TICKS,
  RECONNECT_PAUSE_MS_MAX,
  RECONNECT_PAUSE_MS_MIN,
  stallLimitMs,
} from './limits.ts';
import { sendPing } from './ping.ts';
import { renewEpoch } from './renewal.ts';
import { watchTwins } from './twin.ts';

/** Who is connected to has a row, and an address in it. */
const CONNECTED_TO: number = StatusBit.used | StatusBit.noAddress;
/** A member's row is used, and its handshake over. */
const MEMBER: number = StatusBit.used | StatusBit.handshake;

/** A node that could not be reached, and when to try again. */
interface Reconnect {
  pauseMs: number;
  nextMs: number;
}

/** The timers of gossip. All of them are looked at in {@link Ticker.tick}. */
export class Ticker {
  #ticks = 0;
  /** When the last tick was, Unix milliseconds; before the first one, when the machine was made. */
  lastTickMs: number;
  /** Answers to PINGs sent before this time prove nothing: the process stood still since. */
  stalledUntilMs = 0;
  /** When the process last went on after it had stood still: what it waits for had no chance before. */
  #resumedMs = 0;
  #connectCursor = 0;
  readonly #reconnects = new Map<NodeIndex, Reconnect>();
  readonly #owedMeets = new OwedMeets();

  constructor(nowMs: number) {
    this.lastTickMs = nowMs;
  }

  tick(context: GossipContext): void {
    const isStalled = this.#detectStall(context);
    this.#keepLinks(context);
    if (this.#ticks % RANDOM_PING_TICKS === 0) {
      pingRandomNode(context);
      context.blacklist.expire(context.nowMs);
      this.#owedMeets.sweep(context);
      this.#sweepReconnects(context);
    }
    this.#ticks++;
    if (context.twins.isActive) watchTwins(context);
    if (context.marks.size > 0) renewEpoch(context);
    this.#watchMembers(context, isStalled);
  }

  /**
   * After a gap the answers that came meanwhile are still unread, so nobody is suspected in this
   * tick.
   */
  #detectStall(context: GossipContext): boolean {
    const { nowMs, options } = context;
    const gapMs = nowMs - this.lastTickMs;
    this.lastTickMs = nowMs;
    if (gapMs <= stallLimitMs(options.nodeTimeoutMs)) return false;
    this.#resumedMs = nowMs;
    if (options.stallGuard) this.stalledUntilMs = nowMs;
    // Somebody else may have been started in its place meanwhile.
    if (gapMs > options.nodeTimeoutMs) context.twins.sinceMs = nowMs;
    return true;
  }

  /**
   * Ends handshakes that took too long and opens the links that are missing, a limited number at a
   * time.
   */
  #keepLinks(context: GossipContext): void {
    const { topology } = context;
    if (topology.linkedCount === topology.size - 1 && context.handshakes === 0) return;
    const limit = topology.indexLimit;
    const resumedMs = this.#resumedMs;
    let connects = 0;
    for (let step = 0; step < limit; step++) {
      const node = ((this.#connectCursor + step) % limit) as NodeIndex;
      const status = topology.statusOf(node);
      if ((status & CONNECTED_TO) !== StatusBit.used || node === topology.self) continue;
      if ((status & StatusBit.handshake) !== 0 && watchHandshake(context, node, resumedMs))
        continue;
      if (topology.outboundLink(node) !== NO_LINK || topology.addressOf(node).host === '') continue;
      if (!this.#mayConnect(context, node)) continue;
      if (connects === CONNECTS_PER_TICK_MAX) {
        this.#connectCursor = node;
        return;
      }
      connects++;
      this.#connect(context, node);
    }
  }

  #mayConnect(context: GossipContext, node: NodeIndex): boolean {
    const reconnect = this.#reconnects.get(node);
    return reconnect === undefined || context.nowMs >= reconnect.nextMs;
  }

  #connect(context: GossipContext, node: NodeIndex): void {
    const { topology, nowMs } = context;
    // As good as a ping: a node that cannot be connected to has to look like failing one day.
    if (topology.pingSentMs(node) === 0) topology.setPingSent(node, nowMs);
    const former = this.#reconnects.get(node)?.pauseMs ?? RECONNECT_PAUSE_MS_MIN / 2;
    const pauseMs = Math.min(former * 2, RECONNECT_PAUSE_MS_MAX);
    this.#reconnects.set(node, { pauseMs, nextMs: nowMs + pauseMs });
    context.connect(node, topology.addressOf(node));
  }

  /** A node that answers, or is gone, starts with a short pause again. */
  #sweepReconnects(context: GossipContext): void {
    const { topology } = context;
    for (const [node, reconnect] of this.#reconnects) {
      const isOver = !topology.has(node) || topology.pingSentMs(node) === 0;
      if (isOver && context.nowMs >= reconnect.nextMs) this.#reconnects.delete(node);
    }
  }

  #watchMembers(context: GossipContext, isStalled: boolean): void {
    const { topology, nowMs } = context;
    const { self } = topology;
    const { lease, nodeTimeoutMs } = context.options;
    const silentMsMax = nodeTimeoutMs / 2;
    const leasePingMs = lease && topology.isVoter(self) ? nodeTimeoutMs / 4 : 0;
    for (let i = 0; i < topology.indexLimit; i++) {
      const node = i as NodeIndex;
      const status = topology.statusOf(node);
      if ((status & MEMBER) !== StatusBit.used || node === self) continue;
      if ((status & StatusBit.meet) !== 0) this.#owedMeets.watch(context, node);
      // Nothing is waited for and nothing is due: nearly all members in nearly all ticks.
      const silentMs = nowMs - topology.pongReceivedMs(node);
      if (topology.pingSentMs(node) === 0 && silentMs <= silentMsMax && leasePingMs === 0) continue;
      // Its answers may lie unread.
      if (!isStalled) recycleLink(context, node);
      if (pingIfDue(context, node, leasePingMs, isStalled)) continue;
      if (!isStalled) detectPfail(context, node);
    }
  }
}

/**
 * A link that owes an answer for half a node timeout may be dead though the node is not, and is
 * replaced; a young one gets the time of a node timeout first. Redis keeps it while anything comes
 * from the node on the other link; but a PING that stays unanswered keeps the next one from being
 * sent, and only answers on this link keep a lease.
 */
function recycleLink(context: GossipContext, node: NodeIndex): void {
  const { topology, links, options, nowMs } = context;
  // Where no PING is waited for there is nothing to look up: asked of every member in every tick.
  if (topology.pingSentMs(node) === 0) return;
  const link = topology.outboundLink(node);
  if (link === NO_LINK || nowMs - links.createdMs(link) <= options.nodeTimeoutMs) return;
  // A link that is still being opened has sent no PING; the attempt counts from when the node was
  // asked last.
  const sentMs = links.isUp(link) ? links.pingSentMs(link) : topology.pingSentMs(node);
  if (sentMs !== 0 && nowMs - sentMs > options.nodeTimeoutMs / 2) context.dropLink(link);
}

/**
 * Every member is pinged when it has been silent for half a node timeout. A voter pings the other
 * voters twice as often, whatever others say of them, as only answers to its own pings keep its
 * lease; after a stall it does so at once.
 */
function pingIfDue(
  context: GossipContext,
  node: NodeIndex,
  leasePingMs: number,
  isStalled: boolean,
): boolean {
  const { topology, links, options, nowMs } = context;
  const link: LinkId = topology.outboundLink(node);
  if (link === NO_LINK || topology.pingSentMs(node) !== 0) return false;
  const silentMs = nowMs - topology.pongReceivedMs(node);
  let isDue = silentMs > options.nodeTimeoutMs / 2;
  if (!isDue && leasePingMs !== 0 && topology.isVoter(node)) {
    isDue = isStalled || nowMs - topology.pingAnsweredMs(node) >= leasePingMs;
  }
  if (!isDue || !links.isUp(link)) return false;
  sendPing(context, link, 'ping');
  return true;
}

/** Of a few random members, the one that was silent for longest. */
function pingRandomNode(context: GossipContext): void {
  const { topology, links, random } = context;
  let oldest: NodeIndex | null = null;
  for (let i = 0; i < RANDOM_PING_SAMPLES; i++) {
    const node = random.below(topology.indexLimit) as NodeIndex;
    if (node === topology.self || !context.isMember(node)) continue;
    const link = topology.outboundLink(node);
    if (link === NO_LINK || !links.isUp(link) || topology.pingSentMs(node) !== 0) continue;
    if (oldest === null || topology.pongReceivedMs(node) < topology.pongReceivedMs(oldest)) {
      oldest = node;
    }
  }
  if (oldest !== null) sendPing(context, topology.outboundLink(oldest), 'ping');
}
