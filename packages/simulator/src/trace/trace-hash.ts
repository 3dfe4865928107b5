// Hot path: the running hash of a run: over time, node, what reached it, and what it asked for. Two
// runs are the same run if it is the same.

import type { ClusterEffect, ClusterInput } from '@slotmesh/cluster-core';
import type { ReplicationEffect } from '@slotmesh/replication';
import { combine, combineNumber, hashFreshText, hashMessage, hashValue } from './hash-message.ts';
import type { ReplicationRecordInput } from './trace-sink.ts';

export class TraceHash {
  #a = 0x243f6a88;
  #b = 0x13198a2e;

  #take(word: number): void {
    this.#a = combine(this.#a, word);
    this.#b = combine(this.#b ^ (word >>> 7), word + this.#a);
  }

  /** Something happened at `atMs` to `node` (-1: to none), told by one word. */
  event(atMs: number, node: number, word: number): void {
    // Not one into the other: node 1 at time 5 is not node 2 at time 6.
    this.#take(combineNumber(combine(0, node), atMs));
    this.#take(word);
  }

  /** `messageHash`: that of the message in it, where it is one. */
  input(atMs: number, node: number, input: ClusterInput, messageHash: number): void {
    this.event(atMs, node, inputWord(input, messageHash));
  }

  /** Gives the hash of the message in it, or 0. */
  effect(effect: ClusterEffect): number {
    if (effect.kind !== 'send') {
      this.#take(hashValue(effect));
      return 0;
    }
    const messageHash = hashMessage(effect.message);
    this.#take(combineNumber(messageHash, effect.link));
    return messageHash;
  }

  replicationInput(atMs: number, node: number, input: ReplicationRecordInput): void {
    this.event(atMs, node, input.kind === 'tick' ? 7 : hashValue(input));
  }

  replicationEffect(effect: ReplicationEffect): void {
    this.#take(hashValue(effect));
  }

  /** Something that has no form of its own: words of an operator's answer, or of the log. */
  text(text: string): void {
    this.#take(hashFreshText(text));
  }

  /** 16 hex digits. */
  digest(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }
}

/** For a world that nobody compares with another: takes nothing in, which is a good part of a message's cost. */
export class NoTraceHash extends TraceHash {
  override event(): void {}

  override input(): void {}

  override effect(): number {
    return 0;
  }

  override replicationInput(): void {}

  override replicationEffect(): void {}

  override text(): void {}

  override digest(): string {
    return '';
  }
}

function inputWord(input: ClusterInput, messageHash: number): number {
  if (input.kind === 'tick') return 1;
  if (input.kind === 'message') return combineNumber(messageHash, input.link);
  return hashValue(input);
}
