// Who is in the cluster, who failed, and who serves which slot: the rules of the Redis Cluster bus
// as one machine over the shared table. It must agree with redis-server 7.0 and Valkey 8 on the
// same bus; where it is stricter or repeats more, the file of that rule says so.

import type { BareMessage } from '@slotmesh/cluster-bus';
import {
  assert,
  type EffectSink,
  type Millis,
  type Random,
  type StateMachine,
  unreachable,
} from '@slotmesh/machine';
import {
  type LinkId,
  NO_LINK,
  NO_NODE,
  type NodeAddress,
  type NodeIndex,
  StatusBit,
  type Topology,
} from '@slotmesh/topology';
import { Announcer } from './announce.ts';
import { GossipContext, randomId } from './context.ts';
import type {
  GossipEffect,
  GossipFacts,
  GossipInput,
  GossipNews,
  GossipOptions,
  ShareEntry,
} from './contract.ts';
import type { IgnoredReason, MessageCounts } from './counts.ts';
import { hasDoubts } from './doubts.ts';
import { bumpWithoutConsensus } from './epoch.ts';
import { type MeetOutcome, startHandshake } from './handshake.ts';
import { buildHeader } from './header.ts';
import { plainHost } from './ip.ts';
import { stallLimitMs } from './limits.ts';
import { isInbound, type LinkTable } from './link-table.ts';
import { broadcastPong, greet, pongToShard } from './ping.ts';
import { publish } from './publish.ts';
import { receive } from './receive.ts';
import { Ticker } from './tick.ts';

/** What the machine is made of. */
export interface GossipParts {
  /** Shared with the other rules. Its own row has the ports where this node listens. */
  readonly topology: Topology;
  readonly options: GossipOptions;
  readonly random: Random;
  readonly facts: GossipFacts;
  readonly nowMs: Millis;
  /** Default: an entry is itself. */
  readonly shareEntry?: ShareEntry;
}

const NO_NEWS: readonly GossipNews[] = [];

/** The gossip machine. Time never goes back from one call to the next. */
export class Gossip implements StateMachine<GossipInput, GossipEffect> {
  readonly topology: Topology;
  readonly #context: GossipContext;
  readonly #ticker: Ticker;
  readonly #announcer: Announcer;

  constructor(parts: GossipParts) {
    const { topology, nowMs } = parts;
    this.topology = topology;
    this.#context = new GossipContext(parts);
    this.#ticker = new Ticker(nowMs);
    this.#announcer = new Announcer(topology.addressOf(topology.self));
    this.#announcer.apply(this.#context);
    // Nobody has to be told at start: the first messages say it all.
    this.#context.dirty.broadcast = false;
  }

  get options(): GossipOptions {
    return this.#context.options;
  }

  /** Takes effect at the next step. */
  set options(options: GossipOptions) {
    this.#context.options = options;
  }

  get counts(): MessageCounts {
    return this.#context.counts;
  }

  /** How many messages, or parts of them, were not acted on, by reason. */
  get ignored(): ReadonlyMap<IgnoredReason, number> {
    return this.#context.ignored;
  }

  get links(): LinkTable {
    return this.#context.links;
  }

  /**
   * Answers to PINGs that were sent before this time prove nothing, as this process stood still
   * since.
   */
  get stalledUntilMs(): Millis {
    return this.#ticker.stalledUntilMs;
  }

  /** Whether this process seems to stand still, or to have just woken up, at `nowMs`. */
  isStalled(nowMs: Millis): boolean {
    const { stallGuard, nodeTimeoutMs } = this.options;
    return stallGuard && nowMs - this.#ticker.lastTickMs > stallLimitMs(nodeTimeoutMs);
  }

  /**
   * Until then, or until it is replaced, this primary serves nothing and answers nobody: so it is missed, and
   * a replica takes its place. It votes.
   */
  keepSilent(untilMs: Millis): void {
    this.#context.silentUntilMs = untilMs;
    this.#context.dirty.state = true;
  }

  /**
   * False: whether this node's slots are its own is in doubt, or another process with its id is to serve
   * them, or a replica of it is.
   */
  mayServe(nowMs: Millis): boolean {
    const context = this.#context;
    context.nowMs = nowMs;
    return !context.twins.isAside && !context.isSilent && !hasDoubts(context);
  }

  /** Whether {@link keepSilent} is in force. */
  isSilent(nowMs: Millis): boolean {
    this.#context.nowMs = nowMs;
    return this.#context.isSilent;
  }

  step(nowMs: Millis, input: GossipInput, effects: EffectSink<GossipEffect>): void {
    const context = this.#context;
    context.begin(nowMs, effects);
    switch (input.kind) {
      case 'message':
        receive(context, input.link, input.message);
        break;
      case 'linkUp':
        this.#onLinkUp(input.link, input.remoteHost, input.localHost);
        break;
      case 'linkDown':
        this.#onLinkDown(input.link);
        break;
      case 'publish':
        publish(context, input.sharded, input.channel, input.message);
        break;
      case 'tick':
        this.#announcer.apply(context);
        this.#ticker.tick(context);
        break;
      default:
        unreachable(input);
    }
    context.end();
  }

  /**
   * Whether owners, roles or failure flags changed since this was last asked: the cluster's state
   * may have too.
   */
  takeStateDirty(): boolean {
    const { dirty } = this.#context;
    const isDirty = dirty.state;
    dirty.state = false;
    return isDirty;
  }

  /** What the steps since the last call brought for the rules of failover. */
  takeNews(): readonly GossipNews[] {
    const { news } = this.#context;
    return news.length === 0 ? NO_NEWS : news.splice(0);
  }

  /** Says in all headers from now on whether this primary takes no writes, with a final offset. */
  set isPaused(isPaused: boolean) {
    this.#context.isPaused = isPaused;
  }

  /** Sends a message that is a header and nothing else, with these bits in it. */
  tell(
    nowMs: Millis,
    to: NodeIndex | 'everybody',
    kind: BareMessage['kind'],
    messageFlags: number,
    effects: EffectSink<GossipEffect>,
  ): void {
    const context = this.#context;
    context.begin(nowMs, effects);
    const message: BareMessage = { kind, header: buildHeader(context, messageFlags) };
    if (to === 'everybody') context.broadcast(message);
    else context.send(this.topology.outboundLink(to), message);
    context.end();
  }

  /** A PONG to all nodes of this shard. */
  announceToShard(nowMs: Millis, effects: EffectSink<GossipEffect>): void {
    this.#context.begin(nowMs, effects);
    pongToShard(this.#context);
    this.#context.end();
  }

  /**
   * Once per batch of steps: asks for the save that they need, and tells the others what is new
   * here.
   */
  settle(nowMs: Millis, effects: EffectSink<GossipEffect>): void {
    const context = this.#context;
    const { dirty } = context;
    context.begin(nowMs, effects);
    if (dirty.save) context.push({ kind: 'persist', durable: dirty.durable });
    if (dirty.broadcast) broadcastPong(context);
    context.end();
    dirty.save = false;
    dirty.durable = false;
    dirty.broadcast = false;
  }

  #onLinkUp(link: LinkId, remoteHost: string, localHost: string): void {
    const context = this.#context;
    const { links, nowMs } = context;
    remoteHost = plainHost(remoteHost);
    localHost = plainHost(localHost);
    if (isInbound(link)) {
      if (!links.has(link)) links.addInbound(link, nowMs);
      links.setUp(link, remoteHost, localHost);
      return;
    }
    if (!links.has(link)) {
      // It was given up while it was being opened; the executor was told so.
      context.ignore('closedLink');
      return;
    }
    links.setUp(link, remoteHost, localHost);
    greet(context, link);
  }

  #onLinkDown(link: LinkId): void {
    const context = this.#context;
    const { topology, links, nowMs } = context;
    const node = links.nodeOf(link);
    context.detachLink(link);
    if (node === NO_NODE || isInbound(link)) return;
    if (topology.pingSentMs(node) === 0) topology.setPingSent(node, nowMs);
  }

  // ---- orders of an operator
  // -----------------------------------------------------------------------------------

  /** CLUSTER MEET: `address.host` must be an IP address in its canonical form. */
  meet(nowMs: Millis, address: NodeAddress): MeetOutcome {
    this.#context.nowMs = nowMs;
    return startHandshake(this.#context, address, true);
  }

  /** CLUSTER FORGET: takes a node out and keeps it out for the time of the ban. */
  forget(nowMs: Millis, node: NodeIndex, effects: EffectSink<GossipEffect>): void {
    const context = this.#context;
    assert(node !== this.topology.self, 'a node does not forget itself');
    context.begin(nowMs, effects);
    const id = this.topology.idOf(node);
    this.ban(nowMs, id);
    context.removeNode(node);
    context.notice({ kind: 'nodeForgotten', id });
    context.dirty.save = true;
    context.dirty.broadcast = true;
    context.end();
  }

  /** Keeps a node that is not in the table out of it, for the time of a ban from now on. */
  ban(nowMs: Millis, id: string): void {
    const { blacklist, options } = this.#context;
    blacklist.forget(id, nowMs, nowMs + options.blacklistTtlS * 1000);
  }

  /** Whether a node was forgotten, here or elsewhere, and its ban is not over. */
  isForgotten(nowMs: Millis, id: string): boolean {
    return this.#context.blacklist.has(id, nowMs);
  }

  /** CLUSTER BUMPEPOCH: true if this node took a new config epoch. */
  bumpEpoch(): boolean {
    const isBumped = bumpWithoutConsensus(this.#context);
    if (isBumped) this.#context.dirty.broadcast = true;
    return isBumped;
  }

  /** Notes that a rule beside gossip changed what this node says of itself. */
  noteOwnChange(durable: boolean): void {
    const { dirty } = this.#context;
    dirty.save = true;
    dirty.durable ||= durable;
    dirty.state = true;
    dirty.broadcast = true;
  }

  /** CLUSTER SAVECONFIG. */
  requestSave(): void {
    this.#context.dirty.save = true;
    this.#context.dirty.durable = true;
  }

  /**
   * CLUSTER RESET: alone again, without slots; `hard`: as another node, with the epochs at zero.
   */
  reset(nowMs: Millis, hard: boolean, effects: EffectSink<GossipEffect>): void {
    const context = this.#context;
    const { topology, dirty } = context;
    const { self } = topology;
    context.begin(nowMs, effects);
    const lost = [...topology.slotsOf(self)];
    if (topology.isReplica(self)) {
      topology.setPrimary(self);
      // The shard is that of the primary which it followed.
      topology.setShardId(self, randomId(context.random));
    }
    for (const slot of [...topology.migratingSlots.keys()]) topology.closeSlot(slot);
    for (const slot of [...topology.importingSlots.keys()]) topology.closeSlot(slot);
    for (const node of [...topology.nodes()]) if (node !== self) context.removeNode(node);
    topology.unassignSlots(topology.slotsOf(self));
    // Those that came from nodes we do not know any more would find an identity that is not theirs
    // to talk to.
    for (const link of [...context.links.ids()]) context.dropLink(link);
    if (lost.length > 0) context.push({ kind: 'slotsLost', slots: lost, deleteKeys: false });
    if (hard) {
      topology.setConfigEpoch(self, 0);
      topology.currentEpoch = 0;
      topology.lastVoteEpoch = 0;
      // It voted under a name that is gone.
      topology.hasVoteMemory = false;
      context.voteWatch.restart(0);
      context.marks.clear();
      topology.renameNode(self, randomId(context.random));
      context.twins.clear(nowMs);
      topology.setShardId(self, randomId(context.random));
    }
    dirty.save = true;
    dirty.durable = true;
    dirty.state = true;
    context.end();
  }

  /**
   * Ends the links with a node: those it opened ('from'), those opened to it ('to'), or both. A
   * test hook.
   */
  killLinks(
    nowMs: Millis,
    direction: 'to' | 'from' | 'all',
    node: NodeIndex,
    effects: EffectSink<GossipEffect>,
  ): void {
    const context = this.#context;
    context.begin(nowMs, effects);
    if (direction !== 'from') context.dropOutboundLink(node);
    const inbound = this.topology.inboundLink(node);
    if (direction !== 'to' && inbound !== NO_LINK) context.dropLink(inbound);
    context.end();
  }

  // ---- for tests and logs
  // --------------------------------------------------------------------------------------

  /** Stops with an AssertionError where the tables contradict each other: a full scan. */
  invariants(): void {
    const { topology } = this;
    const { links, handshakes } = this.#context;
    let inHandshake = 0;
    for (const node of topology.nodes()) {
      const name = topology.idOf(node);
      const outbound = topology.outboundLink(node);
      const inbound = topology.inboundLink(node);
      assert(
        outbound === NO_LINK || (links.nodeOf(outbound) === node && !isInbound(outbound)),
        `${name}: its outbound link leads elsewhere`,
      );
      assert(
        inbound === NO_LINK || (links.nodeOf(inbound) === node && isInbound(inbound)),
        `${name}: its inbound link comes from elsewhere`,
      );
      assert(
        topology.configEpochOf(node) <= topology.currentEpoch,
        `${name}: a config epoch above the current epoch`,
      );
      if (topology.hasStatus(node, StatusBit.handshake)) {
        inHandshake++;
        assert(topology.slotsOf(node).count === 0, `${name}: slots before it is known`);
      }
    }
    assert(inHandshake === handshakes, `${inHandshake} rows in handshake, ${handshakes} counted`);
    assert(topology.lastVoteEpoch <= topology.currentEpoch, 'a vote above the current epoch');
    for (const link of links.ids()) {
      const node = links.nodeOf(link);
      if (node === NO_NODE) {
        assert(isInbound(link), `link ${link} leads to nobody`);
        continue;
      }
      const known = isInbound(link) ? topology.inboundLink(node) : topology.outboundLink(node);
      assert(known === link, `link ${link} is not the link of its node`);
    }
  }

  /** One stable line about this node's view. */
  describe(): string {
    const { topology } = this;
    const { self } = topology;
    let pfail = 0;
    let fail = 0;
    let linked = 0;
    for (const node of topology.nodes()) {
      if (topology.isPfail(node)) pfail++;
      if (topology.isFail(node)) fail++;
      if (topology.isLinked(node)) linked++;
    }
    return [
      topology.idOf(self).slice(0, 8),
      topology.isReplica(self) ? 'replica' : 'primary',
      `epoch=${topology.configEpochOf(self)}/${topology.currentEpoch}`,
      `slots=${topology.slotsOf(self).count}/${topology.assignedSlotCount}`,
      `nodes=${topology.size}`,
      `handshakes=${this.#context.handshakes}`,
      `links=${linked}`,
      `pfail=${pfail}`,
      `fail=${fail}`,
      `state=${topology.clusterState}`,
    ].join(' ');
  }
}
