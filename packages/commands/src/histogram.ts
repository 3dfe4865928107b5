// Hot path: how long the calls of one command took, counted by size; bench in bench/execute.bench.ts.

/** Buckets per doubling: a time is known to a sixteenth. */
const STEPS = 16;
const STEP_BITS = 4;
/** Times are cut off at 2^30 ns, about a second. */
const NS_MAX = 0x3fff_ffff;
const BUCKETS = (30 - STEP_BITS + 1) * STEPS;

/** Nanoseconds below 16 have buckets of their own; above, the first bits of a time name its bucket. */
function bucketOf(ns: number): number {
  if (ns < STEPS) return ns;
  const shift = 31 - Math.clz32(ns) - STEP_BITS;
  return shift * STEPS + (ns >> shift);
}

/** The longest time that falls into a bucket. */
function upperNs(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket;
  const shift = Math.floor(bucket / STEPS) - 1;
  return (((bucket % STEPS) + STEPS + 1) << shift) - 1;
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  /** Calls that were counted. */
  total = 0;

  /** Counts `calls` calls that took so long each. */
  record(microseconds: number, calls: number): void {
    const ns = Math.min(NS_MAX, Math.max(0, Math.round(microseconds * 1000)));
    this.#counts[bucketOf(ns)] += calls;
    this.total += calls;
  }

  /** The time, in microseconds, that so many percent of the calls did not exceed. */
  percentileUs(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket];
      if (seen >= wanted) return upperNs(bucket) / 1000;
    }
    return NS_MAX / 1000;
  }

  /**
   * Calls that took at most so many microseconds, for times that double; steps in which no call falls are left out. The
   * times are those that the real server names, which come of how it keeps its own counts.
   */
  *doublings(): Generator<readonly [microseconds: number, calls: number]> {
    let seen = 0;
    let bucket = 0;
    for (let limitNs = 1024; bucket < BUCKETS; limitNs *= 2) {
      const before = seen;
      for (; bucket < BUCKETS && upperNs(bucket) <= limitNs; bucket++) seen += this.#counts[bucket];
      if (limitNs > NS_MAX) for (; bucket < BUCKETS; bucket++) seen += this.#counts[bucket];
      if (seen > before) yield [Math.floor((limitNs + limitNs / 128 - 1) / 1000), seen];
    }
  }
}
