export { AssertionError, assert, unreachable } from './assert.ts';
export type { EffectSink, Millis, StateMachine } from './machine.ts';
export { type Random, seededRandom } from './random.ts';
