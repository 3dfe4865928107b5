// Hot path: when things last happened between this node and each other one. Nothing follows from a time alone, so no
// invariant is kept here.

import { HOT_FIELDS, Hot, type NodeColumns } from './columns.ts';
import type { NodeIndex } from './node.ts';

/** The times in a table. Unix milliseconds of the cluster's clock. */
export class NodeTimes {
  readonly #columns: NodeColumns;

  constructor(columns: NodeColumns) {
    this.#columns = columns;
  }

  /** When the PING that is not answered yet was sent; 0 = none is pending. */
  pingSentMs(node: NodeIndex): number {
    return this.#columns.hot[node * HOT_FIELDS + Hot.pingSentMs];
  }

  setPingSent(node: NodeIndex, timeMs: number): void {
    this.#columns.hot[node * HOT_FIELDS + Hot.pingSentMs] = timeMs;
  }

  /**
   * When the latest PING was sent that is known to be answered; 0 = none was. The time of the sending and not of the
   * answer: at that moment at the latest the node could still be reached, and had not heard otherwise.
   */
  pingAnsweredMs(node: NodeIndex): number {
    return this.#columns.pingAnsweredMs[node];
  }

  setPingAnswered(node: NodeIndex, sentMs: number): void {
    this.#columns.pingAnsweredMs[node] = sentMs;
  }

  /**
   * When this node last answered a PING of that node so that the answer counts for its write lease;
   * -Infinity = never in this life.
   */
  answerSentMs(node: NodeIndex): number {
    return this.#columns.answerSentMs[node];
  }

  setAnswerSent(node: NodeIndex, timeMs: number): void {
    this.#columns.answerSentMs[node] = timeMs;
  }

  /** When this node last voted for a replica of that primary; -Infinity = never in this life. */
  votedMs(primary: NodeIndex): number {
    return this.#columns.votedMs[primary];
  }

  /** The epoch of that vote; 0 = none in this life. */
  votedEpoch(primary: NodeIndex): number {
    return this.#columns.votedEpoch[primary];
  }

  setVoted(primary: NodeIndex, timeMs: number, epoch: number): void {
    this.#columns.votedMs[primary] = timeMs;
    this.#columns.votedEpoch[primary] = epoch;
  }

  /** When the node's last PONG came, here or, by gossip, elsewhere; 0 = never. */
  pongReceivedMs(node: NodeIndex): number {
    return this.#columns.hot[node * HOT_FIELDS + Hot.pongReceivedMs];
  }

  setPongReceived(node: NodeIndex, timeMs: number): void {
    this.#columns.hot[node * HOT_FIELDS + Hot.pongReceivedMs] = timeMs;
  }

  /** When anything last came from the node; 0 = never. */
  dataReceivedMs(node: NodeIndex): number {
    return this.#columns.hot[node * HOT_FIELDS + Hot.dataReceivedMs];
  }

  setDataReceived(node: NodeIndex, timeMs: number): void {
    this.#columns.hot[node * HOT_FIELDS + Hot.dataReceivedMs] = timeMs;
  }
}
