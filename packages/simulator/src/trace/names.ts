// What nodes are called in a log: by their number in the run, "n3", and not by 40 characters.

import type { TraceRecord } from './trace-sink.ts';

const ID = /\b[0-9a-z]{40}\b/g;
/** The line of a nodes.conf that speaks of its own node. */
const MYSELF = /^([0-9a-z]{40}) \S+ \S*\bmyself\b/m;

export class NodeNames {
  readonly #names = new Map<string, string>();

  /** Learns from a record whose id a node has: at its start, and from what it sends (RESET HARD gives it another). */
  learn(record: TraceRecord): void {
    if (record.kind === 'start') {
      const id = MYSELF.exec(record.conf)?.[1];
      if (id !== undefined) this.set(id, record.node);
    } else if (record.kind === 'effect' && record.effect.kind === 'send') {
      const id = record.effect.message.header?.sender;
      if (id !== undefined && !this.#names.has(id)) this.set(id, record.node);
    }
  }

  set(id: string, node: number): void {
    this.#names.set(id, `n${node}`);
  }

  /** "n3"; of an id that nobody is known to have, its first eight characters. */
  of(id: string): string {
    return this.#names.get(id) ?? id.slice(0, 8);
  }

  /** A text with the names of nodes in place of their ids. */
  inText(text: string): string {
    return text.replace(ID, (id) => this.of(id));
  }
}
