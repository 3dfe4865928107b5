// Where more than one thing may happen, the code asks which one. A run answers with a random stream; an exhaustive test
// answers with every combination, one after the other, by the same code: what a run may meet is what the test has seen.

import { assert } from '@slotmesh/machine';

/** Answers "which of `limit` things?" with a number from 0 to `limit - 1`. A `Random` is one. */
export interface Choices {
  below(limit: number): number;
}

/** One fixed combination, and the way to the next: an odometer whose digits have the limits that were asked for. */
class Odometer implements Choices {
  readonly #digits: number[] = [];
  readonly #limits: number[] = [];
  #position = 0;

  below(limit: number): number {
    assert(limit >= 1, `a choice of ${limit}`);
    const position = this.#position++;
    if (position === this.#digits.length) {
      this.#digits.push(0);
      this.#limits.push(limit);
    }
    assert(this.#limits[position] === limit, 'the same choices lead to other questions');
    return this.#digits[position];
  }

  /** Turns the last digit that can be turned; false when all combinations were seen. */
  turn(): boolean {
    this.#position = 0;
    while (this.#digits.length > 0) {
      const last = this.#digits.length - 1;
      if (++this.#digits[last] < this.#limits[last]) return true;
      this.#digits.pop();
      this.#limits.pop();
    }
    return false;
  }
}

/**
 * What `attempt` gives for every combination of choices that it asks for, depth first. `attempt` must depend on nothing
 * but the choices.
 */
export function* everyOutcome<T>(attempt: (choices: Choices) => T): Generator<T> {
  const odometer = new Odometer();
  do {
    yield attempt(odometer);
  } while (odometer.turn());
}
