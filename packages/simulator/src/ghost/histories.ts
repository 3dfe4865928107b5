// Which histories there are, and what is in each of them: the bytes of its stream, and what data sets look like at its
// offsets. A promotion begins a new one, whose beginning is that of the one before. A primary that nobody followed for long
// begins one that no replica can go on to, though all that was written before is in its data.

import type { Position, SimNode, StreamBook, WorldEvents } from '../world/contract.ts';

/** The bytes of a history, as far as somebody has received them. */
const CHUNK = 1024;

interface History {
  /** Where it goes on from; null: from nothing that anybody knows. */
  readonly parent: Position | null;
  /** What was in the data with which it began, where `parent` is null. */
  readonly data: Position | null;
  /** By number, from the one with the first byte; -1 = nobody has received it. */
  readonly chunks: Map<number, Int16Array>;
  /** By offset. */
  readonly digests: Map<number, number>;
}

export class Histories implements StreamBook, WorldEvents {
  readonly #histories = new Map<string, History>();
  /** By node: where its data were when this was last asked. */
  readonly #current = new Map<SimNode, Position>();
  /** By node: the furthest that its data ever were, by origin. */
  readonly #reached = new Map<SimNode, Map<string, number>>();

  started(node: SimNode): void {
    this.#current.delete(node);
    this.learn(node);
    this.#reach(node);
  }

  replicationNoticed(node: SimNode): void {
    this.learn(node);
  }

  wrote(node: SimNode): void {
    this.learn(node);
  }

  applied(node: SimNode): void {
    this.#reach(node);
  }

  dataReplaced(node: SimNode, position: Position | null): void {
    this.#current.delete(node);
    this.learn(node);
    if (position !== null) this.#reach(node);
  }

  /** Takes note of the history that a node is in. */
  learn(node: SimNode): void {
    const { machine } = node.replicator;
    const { id } = machine;
    if (!this.#histories.has(id)) {
      const { secondId, secondOffset } = machine.facts(0);
      const parent = secondOffset < 0 ? null : { id: secondId, offset: secondOffset - 1 };
      const data = parent === null ? (this.#current.get(node) ?? null) : null;
      this.#histories.set(id, { parent, data, chunks: new Map(), digests: new Map() });
    }
    this.#current.set(node, node.replicator.position);
  }

  #reach(node: SimNode): void {
    const { id, offset } = this.origin(node.replicator.position);
    let reached = this.#reached.get(node);
    if (reached === undefined) {
      reached = new Map();
      this.#reached.set(node, reached);
    }
    reached.set(id, Math.max(reached.get(id) ?? -1, offset));
  }

  /** Whether a node's data ever had everything up to there. */
  hasReached(node: SimNode, position: Position): boolean {
    const reached = this.#reached.get(node);
    if (reached === undefined) return false;
    const { id, offset } = this.origin(position);
    for (const [other, end] of reached) {
      for (let at: Position | null = { id: other, offset: end }; at !== null; ) {
        const chain = this.#chain(at);
        if (includes(chain, id, offset)) return true;
        at = this.#histories.get(chain[chain.length - 1].id)?.data ?? null;
      }
    }
    return false;
  }

  origin(position: Position): Position {
    let { id } = position;
    for (;;) {
      const parent = this.#histories.get(id)?.parent ?? null;
      if (parent === null || position.offset > parent.offset) break;
      ({ id } = parent);
    }
    return { id, offset: position.offset };
  }

  isRelated(a: Position, b: Position): boolean {
    const those = new Set(this.#chain(a).map(({ id }) => id));
    return this.#chain(b).some(({ id }) => those.has(id));
  }

  /** The first history of a position's. */
  rootOf(position: Position): string {
    const chain = this.#chain(position);
    return chain[chain.length - 1].id;
  }

  /** Its histories, each up to where it counts, the latest first. */
  #chain({ id, offset }: Position): Position[] {
    const chain = [{ id, offset }];
    for (let at = this.#histories.get(id)?.parent ?? null; at !== null; ) {
      const end = Math.min(at.offset, chain[chain.length - 1].offset);
      chain.push({ id: at.id, offset: end });
      at = this.#histories.get(at.id)?.parent ?? null;
      if (chain.length > 1000) break;
    }
    return chain;
  }

  /** Null, or the first offset at which somebody received another byte before. */
  compare(position: Position, bytes: Uint8Array): number | null {
    for (let i = 0; i < bytes.length; i++) {
      const offset = position.offset + 1 + i;
      const { id } = this.origin({ id: position.id, offset });
      const history = this.#histories.get(id);
      if (history === undefined) continue;
      const number = Math.floor(offset / CHUNK);
      let chunk = history.chunks.get(number);
      if (chunk === undefined) {
        chunk = new Int16Array(CHUNK).fill(-1);
        history.chunks.set(number, chunk);
      }
      const at = offset % CHUNK;
      if (chunk[at] === -1) chunk[at] = bytes[i];
      else if (chunk[at] !== bytes[i]) return offset;
    }
    return null;
  }

  /** False: at that position data looked otherwise before. */
  agrees(position: Position, digest: number): boolean {
    const { id, offset } = this.origin(position);
    const history = this.#histories.get(id);
    if (history === undefined) return true;
    const known = history.digests.get(offset);
    if (known === undefined) history.digests.set(offset, digest);
    return known === undefined || known === digest;
  }
}

function includes(chain: readonly Position[], id: string, offset: number): boolean {
  return chain.some((one) => one.id === id && one.offset >= offset);
}
