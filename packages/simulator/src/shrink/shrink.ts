// Makes a failing run smaller: with fewer faults, fewer nodes, less time, fewer strikes. Each attempt
// is a whole run; it is kept if it fails in the same way. What comes out is settings again, so that
// one command shows the small run.

import type { SeedFailure } from '../run-seed.ts';
import { NODES_MAX, type Settings } from '../settings.ts';
import { withoutParts } from './without-parts.ts';

/** One run of the shrinker's. */
export interface Attempt {
  readonly failure: SeedFailure | null;
  readonly nodes: number;
  readonly faultyMs: number;
  readonly codec: boolean;
  readonly start: 'meet' | 'files';
  readonly faults: readonly string[];
  readonly operators: readonly string[];
  readonly workloads: readonly string[];
  /** Names of the strikes and actions that happened, in their order. */
  readonly strikes: readonly string[];
  readonly events: number;
}

/** A step of the shrinker: a smaller run that fails as the first one did. */
export interface Shrunk {
  readonly settings: Settings;
  readonly attempt: Attempt;
  /** Runs so far. */
  readonly attempts: number;
}

export interface ShrinkParts {
  readonly settings: Settings;
  /** The run to be made smaller; it must have failed. */
  readonly first: Attempt;
  /** Runs with other settings; throws SettingsError where they make no run. */
  readonly run: (settings: Settings) => Attempt;
  /** Most runs. */
  readonly attemptsMax: number;
}

/** Gives every smaller run that it finds, the smallest one last; none, if it finds none. */
export function* shrink(parts: ShrinkParts): Generator<Shrunk, void, undefined> {
  const shrinker = new Shrinker(parts);
  let before: Settings;
  do {
    before = shrinker.settings;
    yield* shrinker.leaveOut('faults');
    yield* shrinker.leaveOut('operators');
    yield* shrinker.leaveOut('workloads');
    yield* shrinker.simplify();
    yield* shrinker.dropNodes();
    yield* shrinker.shorten();
    yield* shrinker.maskStrikes();
    // What was needed before may be idle now.
  } while (shrinker.settings !== before);
}

/** Whether two failures are the same one: the same rule, and for an error the same sentence. */
export function isSameFailure(a: SeedFailure, b: SeedFailure): boolean {
  if (a.invariant !== b.invariant) return false;
  return a.invariant !== 'error' || withoutNumbers(a.message) === withoutNumbers(b.message);
}

/** Nodes' names and numbers differ from run to run. */
function withoutNumbers(message: string): string {
  return message.replace(/\b[0-9a-f]{40}\b|\d+/g, '#');
}

class Shrinker {
  settings: Settings;
  #best: Attempt;
  #attempts = 0;
  readonly #parts: ShrinkParts;
  readonly #failure: SeedFailure;

  constructor(parts: ShrinkParts) {
    this.#parts = parts;
    this.settings = parts.settings;
    this.#best = parts.first;
    this.#failure = parts.first.failure as SeedFailure;
  }

  /** All of a kind, or else one after the other. */
  *leaveOut(kind: 'faults' | 'operators' | 'workloads'): Generator<Shrunk> {
    if (this.#best[kind].length === 0) return;
    if (yield* this.#try({ [kind]: [] })) return;
    for (const name of this.#best[kind]) {
      yield* this.#try({ [kind]: this.#best[kind].filter((other) => other !== name) });
    }
  }

  *simplify(): Generator<Shrunk> {
    if (this.#best.codec) yield* this.#try({ codec: false });
    if (this.#best.start === 'meet') yield* this.#try({ start: 'files' });
  }

  /** Fewer nodes are another run; the fewest come first, because they are quick. */
  *dropNodes(): Generator<Shrunk> {
    const { voters, ...settings } = this.settings;
    for (let nodes = 1; nodes < Math.min(this.#best.nodes, NODES_MAX); nodes++) {
      const smaller = {
        ...settings,
        nodes,
        ...(voters !== undefined && { voters: Math.min(voters, nodes) }),
      };
      if (yield* this.#tryAll(smaller)) return;
    }
  }

  *shorten(): Generator<Shrunk> {
    let low = 0;
    let high = this.#best.faultyMs;
    while (high - low > Math.max(100, high / 10)) {
      const middle = Math.floor((low + high) / 2);
      if (yield* this.#try({ faultyMs: middle })) high = middle;
      else low = middle;
    }
  }

  *maskStrikes(): Generator<Shrunk> {
    const masked = this.settings.masked ?? [];
    const strikes = [...new Set(this.#best.strikes)];
    const search = withoutParts(strikes);
    let next = search.next();
    while (!next.done) {
      const kept = new Set(next.value);
      const left = strikes.filter((name) => !kept.has(name));
      const isStillFailing = yield* this.#try({ masked: [...masked, ...left] });
      next = search.next(isStillFailing);
    }
  }

  #try(change: Settings): Generator<Shrunk, boolean> {
    return this.#tryAll({ ...this.settings, ...change });
  }

  /** One run. True: it fails as before, and is the one to go on from. */
  *#tryAll(settings: Settings): Generator<Shrunk, boolean> {
    if (this.#attempts >= this.#parts.attemptsMax) return false;
    this.#attempts++;
    const attempt = this.#parts.run(settings);
    if (attempt.failure === null || !isSameFailure(attempt.failure, this.#failure)) return false;
    this.settings = settings;
    this.#best = attempt;
    yield { settings, attempt, attempts: this.#attempts };
    return true;
  }
}
