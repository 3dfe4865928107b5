// What the rules of gossip share: the table, the links, and the effects of the step that is under
// way. One object for the life of the machine; each rule is a file of functions over it.

import type { BusMessage } from '@slotmesh/cluster-bus';
import type { SlotSet } from '@slotmesh/crc16-slots';
import { type EffectSink, type Millis, type Random, unreachable } from '@slotmesh/machine';
import {
  type LinkId,
  NO_LINK,
  NO_NODE,
  type NodeAddress,
  type NodeIndex,
  StatusBit,
  type Topology,
} from '@slotmesh/topology';
import { Blacklist } from './blacklist.ts';
import type {
  GossipEffect,
  GossipFacts,
  GossipNews,
  GossipNotice,
  GossipOptions,
  ShareEntry,
} from './contract.ts';
import { type IgnoredReason, MessageCounts } from './counts.ts';
import { isInbound, LinkTable } from './link-table.ts';
import { Guesses, Picks } from './picks.ts';
import { ToldEntries } from './told-entries.ts';
import { Twins } from './twins.ts';
import type { VoteMarks } from './vote-marks.ts';
import { VoteWatch } from './vote-watch.ts';

/** What has to be looked at once the batch is over. */
export interface Dirty {
  /** nodes.conf says something else now. */
  save: boolean;
  /** ... and it must be on the disk before anything is sent. */
  durable: boolean;
  /** Owners, roles or failure flags changed: the cluster's state may have. */
  state: boolean;
  /** This node has news of its own: all others get a PONG. */
  broadcast: boolean;
}

/** A member spoke from another address. */
export interface Move {
  readonly former: NodeAddress;
  /** It is told of for a node timeout from then on. */
  readonly sinceMs: Millis;
}

/** A claim that says something else than the table and gained nothing, and what the table was like. */
export interface SettledClaim {
  readonly slots: SlotSet;
  readonly configEpoch: number;
  readonly revision: number;
  readonly relinquished: SlotSet;
}

const NOWHERE: EffectSink<GossipEffect> = {
  push: () => unreachable('an effect outside a step' as never),
};

/** What the shared state is made of. */
export interface GossipContextParts {
  readonly topology: Topology;
  readonly options: GossipOptions;
  readonly random: Random;
  readonly facts: GossipFacts;
  readonly nowMs: Millis;
  readonly shareEntry?: ShareEntry;
}

/** The shared state of the rules, and the few things that all of them do. */
export class GossipContext {
  readonly topology: Topology;
  readonly random: Random;
  readonly facts: GossipFacts;
  readonly links: LinkTable = new LinkTable();
  readonly blacklist: Blacklist = new Blacklist();
  readonly picks: Picks = new Picks();
  readonly guesses: Guesses = new Guesses();
  readonly told: ToldEntries;
  readonly counts: MessageCounts = new MessageCounts();
  readonly ignored: Map<IgnoredReason, number> = new Map();
  readonly dirty: Dirty = { save: false, durable: false, state: false, broadcast: false };
  /** What happened that other rules than gossip's have to look at. */
  readonly news: GossipNews[] = [];
  readonly voteWatch: VoteWatch;
  options: GossipOptions;
  nowMs: Millis;
  /** This primary takes no writes and its offset is final: all headers say so. */
  isPaused = false;
  /** See {@link isSilent}. */
  silentUntilMs: Millis = Number.NEGATIVE_INFINITY;
  /** Whether a member has shown, since the start, at which of our addresses it finds us. */
  isOwnHostConfirmed = false;
  /** The rows in handshake. */
  handshakes = 0;
  /** The id that whoever asked to be let in said to have, by its row in handshake. */
  readonly callers: Map<NodeIndex, string> = new Map();
  /** When an operator ordered to meet whoever is there, by its row in handshake. */
  readonly meetsMs: Map<NodeIndex, Millis> = new Map();
  /** The owners of which others say that they have slots of this node, and that were not heard yet. */
  readonly doubts: Set<NodeIndex> = new Set();
  /** By claimant. */
  readonly settledClaims: Map<NodeIndex, SettledClaim> = new Map();
  readonly twins: Twins;
  readonly marks: VoteMarks = new Map();
  /** This replica's primary has said, since this time, that it follows this node; NO_NODE = it does not. */
  readonly circle: { primary: NodeIndex; sinceMs: Millis } = { primary: NO_NODE, sinceMs: 0 };
  /** Where members were that spoke from another address a short time ago. */
  readonly moves: Map<NodeIndex, Move> = new Map();
  #effects: EffectSink<GossipEffect> = NOWHERE;

  constructor(parts: GossipContextParts) {
    const { topology, options, random, facts, nowMs } = parts;
    this.told = new ToldEntries(parts.shareEntry);
    this.topology = topology;
    this.options = options;
    this.random = random;
    this.facts = facts;
    this.voteWatch = new VoteWatch(topology.currentEpoch);
    this.nowMs = nowMs;
    this.twins = new Twins(nowMs);
  }

  /** Opens a step: until {@link end}, rules may push effects. */
  begin(nowMs: Millis, effects: EffectSink<GossipEffect>): void {
    this.nowMs = nowMs;
    this.#effects = effects;
  }

  end(): void {
    this.#effects = NOWHERE;
  }

  push(effect: GossipEffect): void {
    this.#effects.push(effect);
  }

  notice(notice: GossipNotice): void {
    this.#effects.push({ kind: 'notice', notice });
  }

  ignore(reason: IgnoredReason): void {
    this.ignored.set(reason, (this.ignored.get(reason) ?? 0) + 1);
  }

  /** A primary without its data, which leaves its place to its replicas as long as they can win it. */
  get isSilent(): boolean {
    return this.nowMs < this.silentUntilMs && this.topology.isVoter(this.topology.self);
  }

  /**
   * Sends on a link that is up; a link that is not takes nothing, as messages are news and not
   * mail. Members hear nothing of a process that gives way to another one with its id, and but for its
   * votes nothing of one that keeps silent.
   */
  send(link: LinkId, message: BusMessage): void {
    if (!this.links.isUp(link)) return;
    const isMute = this.twins.isAside || (this.isSilent && message.kind !== 'failoverAuthAck');
    if (isMute && this.isMemberLink(link)) return;
    this.counts.countSent(message.kind);
    this.#effects.push({ kind: 'send', link, message });
  }

  /** One message to all members that a link of ours leads to. */
  broadcast(message: BusMessage): void {
    const { topology } = this;
    for (let i = 0; i < topology.indexLimit; i++) {
      const node = i as NodeIndex;
      if (this.isMember(node) && node !== topology.self) {
        this.send(topology.outboundLink(node), message);
      }
    }
  }

  isMemberLink(link: LinkId): boolean {
    const node = this.links.nodeOf(link);
    return node !== NO_NODE && this.isMember(node);
  }

  /** In the table, and its handshake is over. */
  isMember(node: NodeIndex): boolean {
    return this.topology.has(node) && !this.topology.hasStatus(node, StatusBit.handshake);
  }

  /** Asks for a connection to a node. */
  connect(node: NodeIndex, address: NodeAddress): void {
    const link = this.links.addOutbound(node, this.nowMs);
    this.topology.setOutboundLink(node, link);
    this.push({ kind: 'connect', link, address });
  }

  /** Ends a link from this side. */
  dropLink(link: LinkId): void {
    if (!this.links.has(link)) return;
    this.detachLink(link);
    this.push({ kind: 'disconnect', link });
  }

  /** Takes a link that is gone out of the tables. */
  detachLink(link: LinkId): void {
    const { topology } = this;
    const node = this.links.nodeOf(link);
    this.links.remove(link);
    if (node === NO_NODE) return;
    if (isInbound(link)) {
      if (topology.inboundLink(node) === link) topology.setInboundLink(node, NO_LINK);
    } else if (topology.outboundLink(node) === link) {
      topology.setOutboundLink(node, NO_LINK);
    }
  }

  dropOutboundLink(node: NodeIndex): void {
    const link = this.topology.outboundLink(node);
    if (link !== NO_LINK) this.dropLink(link);
  }

  /** A node does not say any more that it follows this one. */
  endCircle(node: NodeIndex): void {
    if (this.circle.primary === node) this.circle.primary = NO_NODE;
  }

  /** Takes a node out of the table, with its links. */
  removeNode(node: NodeIndex): void {
    const { topology } = this;
    this.dropOutboundLink(node);
    if (topology.inboundLink(node) !== NO_LINK) this.dropLink(topology.inboundLink(node));
    if (topology.hasStatus(node, StatusBit.handshake)) this.handshakes--;
    this.callers.delete(node);
    this.meetsMs.delete(node);
    this.moves.delete(node);
    this.settledClaims.delete(node);
    this.endCircle(node);
    topology.removeNode(node);
    this.dirty.state = true;
  }
}

const HEX = '0123456789abcdef';

/** 40 random characters of 0-9 and a-f: a node id, or a shard id. */
export function randomId(random: Random): string {
  let id = '';
  for (let word = 0; word < 5; word++) {
    let bits = random.uint32();
    for (let i = 0; i < 8; i++) {
      id += HEX[bits & 15];
      bits >>>= 4;
    }
  }
  return id;
}
