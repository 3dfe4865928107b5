// The columns of the node table: one array per field, indexed by NodeIndex, grown by doubling; freed rows are reused.

import { SlotSet } from '@slotmesh/crc16-slots';
import { NO_LABELS, NO_LINK, NO_NODE, type NodeAddress, type NodeLabels } from './node.ts';

/** What is yes or no about a node. Health has methods of its own that keep pfail and fail apart. */
export const StatusBit = {
  /** The row is in use. */
  used: 1,
  replica: 2,
  pfail: 4,
  fail: 8,
  /** Its id is not known yet: a MEET or a PING of ours waits for the answer. */
  handshake: 16,
  /** Its address is not known, or was taken over by another node. */
  noAddress: 32,
  /** The first message to it is a MEET. */
  meet: 64,
  /** It does not start elections. */
  noFailover: 128,
  /** It may receive spare replicas: it has, or had, replicas. */
  migrateTo: 256,
  /** It understands ping extensions. */
  extensionsSupported: 512,
  /** A replica that sees its primary as failed. */
  myPrimaryFail: 1024,
  /** It keeps to the rules of write leases, as a voter too. */
  leaseAware: 2048,
} as const;

/** All bits of a status are below. */
export const STATUS_LIMIT = 4096;

/**
 * The numbers of a row that every packet and every tick looks at. They lie beside each other: the table of one of a
 * thousand simulated nodes is not in the processor's cache when its turn comes, and one line of memory for a row costs a
 * quarter of four.
 */
export const Hot = {
  pingSentMs: 0,
  pongReceivedMs: 1,
  dataReceivedMs: 2,
  outboundLink: 3,
} as const;

/** How many there are of a row. */
export const HOT_FIELDS = 4;

const NOWHERE: NodeAddress = { host: '', port: 0, altPort: 0, busPort: 0 };

export class NodeColumns {
  id: string[] = [];
  address: NodeAddress[] = [];
  labels: NodeLabels[] = [];
  shardId: string[] = [];
  slots: SlotSet[] = [];
  status: Uint16Array = new Uint16Array(0);
  primary: Int32Array = new Int32Array(0);
  /** {@link Hot}, row by row. Link numbers are never used again: a node that lives for years needs more than 32 bits. */
  hot: Float64Array = new Float64Array(0);
  inboundLink: Float64Array = new Float64Array(0);
  configEpoch: Float64Array = new Float64Array(0);
  offset: Float64Array = new Float64Array(0);
  createdMs: Float64Array = new Float64Array(0);
  pingAnsweredMs: Float64Array = new Float64Array(0);
  failTimeMs: Float64Array = new Float64Array(0);
  answerSentMs: Float64Array = new Float64Array(0);
  votedMs: Float64Array = new Float64Array(0);
  votedEpoch: Float64Array = new Float64Array(0);
  /** One above the largest row in use. */
  limit = 0;
  readonly #free: number[] = [];
  /** Means nothing; but what nothing comes of would not be read. */
  touched = 0;

  isUsed(row: number): boolean {
    return row >= 0 && row < this.limit && (this.status[row] & StatusBit.used) !== 0;
  }

  /** A row with every field at its start value. */
  take(): number {
    const row = this.#free.pop() ?? this.limit++;
    if (row >= this.status.length) this.#grow(Math.max(16, this.status.length * 2));
    this.#clear(row);
    return row;
  }

  release(row: number): void {
    this.#clear(row);
    this.#free.push(row);
  }

  /**
   * Reads ahead. A gossip section names a hundred rows at random, and a table of a thousand is seldom in the processor's
   * cache when a message comes: a row at a time each waits for memory, in a loop that does nothing else the processor
   * waits for many at once.
   */
  touch(rows: Int32Array, count: number): void {
    const { hot } = this;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      if (row !== NO_NODE) sum += hot[row * HOT_FIELDS];
    }
    this.touched = sum;
  }

  #clear(row: number): void {
    this.id[row] = '';
    this.address[row] = NOWHERE;
    this.labels[row] = NO_LABELS;
    this.shardId[row] = '';
    this.slots[row] = SlotSet.EMPTY;
    this.status[row] = 0;
    this.primary[row] = NO_NODE;
    this.hot.fill(0, row * HOT_FIELDS, (row + 1) * HOT_FIELDS);
    this.hot[row * HOT_FIELDS + Hot.outboundLink] = NO_LINK;
    this.inboundLink[row] = NO_LINK;
    this.configEpoch[row] = 0;
    this.offset[row] = 0;
    this.createdMs[row] = 0;
    this.pingAnsweredMs[row] = 0;
    this.failTimeMs[row] = 0;
    this.answerSentMs[row] = Number.NEGATIVE_INFINITY;
    this.votedMs[row] = Number.NEGATIVE_INFINITY;
    this.votedEpoch[row] = 0;
  }

  #grow(rows: number): void {
    const copy = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.status = copy(new Uint16Array(rows), this.status);
    this.primary = copy(new Int32Array(rows), this.primary);
    this.hot = copy(new Float64Array(rows * HOT_FIELDS), this.hot);
    this.inboundLink = copy(new Float64Array(rows), this.inboundLink);
    this.configEpoch = copy(new Float64Array(rows), this.configEpoch);
    this.offset = copy(new Float64Array(rows), this.offset);
    this.createdMs = copy(new Float64Array(rows), this.createdMs);
    this.pingAnsweredMs = copy(new Float64Array(rows), this.pingAnsweredMs);
    this.failTimeMs = copy(new Float64Array(rows), this.failTimeMs);
    this.answerSentMs = copy(new Float64Array(rows), this.answerSentMs);
    this.votedMs = copy(new Float64Array(rows), this.votedMs);
    this.votedEpoch = copy(new Float64Array(rows), this.votedEpoch);
  }
}
