// Every directive that is known, in the order in which CONFIG GET lists them.

import type { Directive } from '../directive.ts';
import { CLUSTER_DIRECTIVES, REPLICATION_DIRECTIVES, TLS_DIRECTIVES } from './cluster.ts';
import { DATA_DIRECTIVES } from './data.ts';
import { SERVER_DIRECTIVES } from './server.ts';
import { VALKEY_DIRECTIVES } from './valkey.ts';

export const DIRECTIVES: readonly Directive[] = [
  ...SERVER_DIRECTIVES,
  ...CLUSTER_DIRECTIVES,
  ...REPLICATION_DIRECTIVES,
  ...DATA_DIRECTIVES,
  ...TLS_DIRECTIVES,
  ...VALKEY_DIRECTIVES,
];

/** Directives of older versions: read, and without effect. */
export const RETIRED_DIRECTIVES: ReadonlySet<string> = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
]);

const BY_NAME = new Map<string, Directive>();
for (const directive of DIRECTIVES) {
  for (const name of [directive.name, directive.alias]) {
    if (name === null) continue;
    if (BY_NAME.has(name)) throw new Error(`${name} is in the table twice`);
    BY_NAME.set(name, directive);
  }
}

/** The directive of that name or alias, in any case. */
export function findDirective(name: string): Directive | undefined {
  return BY_NAME.get(name.toLowerCase());
}
