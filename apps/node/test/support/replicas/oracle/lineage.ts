// The streams of commands of a cluster and how they continue each other. A promoted replica begins a stream of its own
// after the last byte that it has of its primary's; everything of the old stream after that byte is lost, and nothing
// before it may be.

/** A stream that a node wrote as a primary, as far as it was seen. Times are of the monotonic clock. */
export interface Tenure {
  /** The client's port of the node. */
  readonly port: number;
  readonly stream: string;
  readonly parent: { readonly stream: string; readonly lastOffset: number } | null;
  /** When the node was asked for the last time before it gave this answer: the stream may be as old. */
  readonly notBeforeMs: number;
  /** When it was seen for the last time; the stream may have gone on until the node was asked again. */
  lastSeenMs: number;
  /** When the node was seen with another stream or as a replica; infinite until then. */
  overMs: number;
  /** Offsets by the time at which they were asked for. */
  readonly samples: { readonly askedMs: number; readonly offset: number }[];
}

/** One answer of a node. */
export interface Sighting {
  readonly port: number;
  readonly role: 'primary' | 'replica';
  readonly stream: string;
  readonly offset: number;
  readonly parent: { readonly stream: string; readonly lastOffset: number } | null;
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** More samples than this of one stream are thinned out. */
const SAMPLES_MAX = 20_000;

/** What has been seen of all nodes of a cluster. */
export class Lineage {
  readonly #tenures: Tenure[] = [];
  readonly #current = new Map<number, Tenure | null>();
  readonly #askedMs = new Map<number, number>();

  /** Takes an answer; those of one node come in order. */
  note(sighting: Sighting): void {
    const { port, role, stream, parent, offset, askedMs, answeredMs } = sighting;
    const before = this.#current.get(port) ?? null;
    const notBeforeMs = this.#askedMs.get(port) ?? Number.NEGATIVE_INFINITY;
    this.#askedMs.set(port, askedMs);
    if (before !== null && (role === 'replica' || stream !== before.stream)) {
      before.overMs = answeredMs;
      this.#current.set(port, null);
    }
    if (role === 'replica') return;
    let tenure = this.#current.get(port) ?? null;
    if (tenure === null) {
      tenure = {
        ...{ port, stream, parent, notBeforeMs, lastSeenMs: answeredMs },
        ...{ overMs: Number.POSITIVE_INFINITY, samples: [] },
      };
      this.#tenures.push(tenure);
      this.#current.set(port, tenure);
    }
    tenure.lastSeenMs = answeredMs;
    tenure.samples.push({ askedMs, offset });
    if (tenure.samples.length > SAMPLES_MAX) thinOut(tenure.samples);
  }

  /** The streams that a node may have been writing at some time: one, but for moments around a change. */
  tenuresAt(port: number, timeMs: number): Tenure[] {
    return this.#tenures.filter(
      (one) => one.port === port && one.notBeforeMs <= timeMs && timeMs <= one.overMs,
    );
  }

  /**
   * The last offset of `stream` that is part of `descendant`: infinite where they are the same, null where the one does
   * not continue the other.
   */
  sharedUntil(stream: string, descendant: string): number | null {
    let until = Number.POSITIVE_INFINITY;
    let current = descendant;
    const seen = new Set<string>();
    while (current !== stream) {
      if (seen.has(current)) return null;
      seen.add(current);
      const parent = this.#tenures.find((one) => one.stream === current && one.parent)?.parent;
      if (!parent) return null;
      // Offsets go on counting from one stream to the next, so a later branch cannot give back what an earlier one lost.
      until = Math.min(until, parent.lastOffset);
      current = parent.stream;
    }
    return until;
  }
}

/** An offset that the stream had not passed by a time, for writes of clients that cannot ask for theirs. */
export function offsetBoundAfter(tenure: Tenure, timeMs: number): number {
  const sample = tenure.samples.find(({ askedMs }) => askedMs >= timeMs);
  return sample?.offset ?? Number.POSITIVE_INFINITY;
}

function thinOut(samples: Tenure['samples']): void {
  const kept = samples.filter((_, i) => i % 2 === 0 || i > samples.length - 1000);
  samples.splice(0, samples.length, ...kept);
}
