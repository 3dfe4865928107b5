// Hot path: per packet. Messages sent and received by type, as CLUSTER INFO prints them, and why
// some were ignored.

import type { BusMessage } from '@slotmesh/cluster-bus';

/** The types that servers count, in the order of their wire numbers and in CLUSTER INFO's words. */
const NAMES = [
  'ping',
  'pong',
  'meet',
  'fail',
  'publish',
  'auth-req',
  'auth-ack',
  'update',
  'mfstart',
  'module',
  'publishshard',
] as const;

/** A message type in CLUSTER INFO's words. */
export type CountedType = (typeof NAMES)[number];

const TYPE_OF_KIND: Readonly<Record<BusMessage['kind'], number>> = {
  ping: 0,
  pong: 1,
  meet: 2,
  fail: 3,
  publish: 4,
  failoverAuthRequest: 5,
  failoverAuthAck: 6,
  update: 7,
  manualFailoverStart: 8,
  module: 9,
  publishShard: 10,
  // Types that CLUSTER INFO has no line for.
  failoverAuthNack: -1,
  unknown: -1,
};

/** Messages of one type over the bus. */
export interface MessageCount {
  readonly type: CountedType;
  readonly sent: number;
  readonly received: number;
}

/** How many messages of each type went out and came in. */
export class MessageCounts {
  readonly #sent = new Float64Array(NAMES.length);
  readonly #received = new Float64Array(NAMES.length);

  countSent(kind: BusMessage['kind']): void {
    const type = TYPE_OF_KIND[kind];
    if (type >= 0) this.#sent[type]++;
  }

  countReceived(kind: BusMessage['kind']): void {
    const type = TYPE_OF_KIND[kind];
    if (type >= 0) this.#received[type]++;
  }

  /** All types, also those never seen, in the order of their wire numbers. */
  *entries(): Generator<MessageCount> {
    for (let type = 0; type < NAMES.length; type++) {
      yield { type: NAMES[type], sent: this.#sent[type], received: this.#received[type] };
    }
  }

  /** Starts again at zero, as CONFIG RESETSTAT does. */
  reset(): void {
    this.#sent.fill(0);
    this.#received.fill(0);
  }
}

/**
 * Why a message, or a part of one, was not acted on. None of them is an error: late and stray
 * messages are normal.
 */
export type IgnoredReason =
  /** It came on a link that is closed already. */
  | 'closedLink'
  /** Its sender is not in the table, and only members may say such things. */
  | 'unknownSender'
  /** It names a node that is not in the table. */
  | 'unknownNode'
  /** Its sender has this node's own id: a MEET that came back to us, or a copy of this node. */
  | 'ownId'
  /** An epoch far above all that are known. */
  | 'epochJump'
  /** Written before the sender's latest configuration, which came here on another link. */
  | 'staleConfig'
  /** An UPDATE that says nothing new, or is about this node. */
  | 'staleUpdate'
  /** An UPDATE that would take slots of this node for an owner that was not heard itself yet. */
  | 'hearsay'
  /** From, or about, a node that was forgotten and is banned for now. */
  | 'forgottenNode'
  /** At the address of a node that asked to be let in somebody else answers. */
  | 'otherCaller'
  /** The table, or the list of handshakes, is full. */
  | 'limit'
  /** A gossip entry whose id is not an id, or that has no address. */
  | 'malformedEntry'
  /** Elections, manual failover and module messages are not this machine's. */
  | 'notForGossip';
