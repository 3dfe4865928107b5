// The contract that every rule of the cluster is written against: a deterministic machine that
// takes one input at a time and says what should be done about it. Nothing in here, or in a
// machine, reads a clock or touches a socket.

/**
 * Unix time in milliseconds, never decreasing: read once at start and carried on by a monotonic
 * clock.
 */
export type Millis = number;

/**
 * Anything that takes effects: an array in a test, the outbox in a node, the scheduler in the
 * simulator. A property and not a method, so that the compiler checks its variance: a parent whose
 * effects are a superset hands its own sink to the child, and the reverse is an error.
 */
export interface EffectSink<in E> {
  readonly push: (effect: E) => unknown;
}

/**
 * The one door of a machine. `step` runs to its end without calling out; effects are carried out
 * afterwards.
 */
export interface StateMachine<in I, out E> {
  step(nowMs: Millis, input: I, effects: EffectSink<E>): void;
}
