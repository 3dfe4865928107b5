// Which servers the benches with replicas are about: they run on each in turn, so that the figures of all of them are of
// one run.

import {
  redisServer,
  type ServerKind,
  slotmeshNode,
} from '../../test/interop/support/server-process.ts';

/** A server with directives, under the name that the tables show. */
export interface Variant {
  readonly name: string;
  readonly kind: ServerKind;
  readonly args: readonly string[];
}

export const redisVariant: Variant = { name: redisServer.name, kind: redisServer, args: [] };
export const slotmeshVariant: Variant = { name: slotmeshNode.name, kind: slotmeshNode, args: [] };

/** Ours with the elections of Valkey 9; the default is compatible with all versions. */
export const valkey9Variant: Variant = {
  name: `${slotmeshNode.name}, valkey9`,
  kind: slotmeshNode,
  args: ['--slotmesh-election-strategy', 'valkey9'],
};

/** Ours beside the real one, in the benches as in their tests. */
export const REPLICATED: readonly Variant[] = [slotmeshVariant, redisVariant];

/** What the bench of failovers compares: elections differ by strategy. */
export const ELECTIONS: readonly Variant[] = REPLICATED.includes(slotmeshVariant)
  ? [...REPLICATED, valkey9Variant]
  : REPLICATED;

/** Turns the order round every other time, so that nobody always comes first. */
export function inTurn<T>(items: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? items : [...items].reverse();
}
