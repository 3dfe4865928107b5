// What the auxiliary fields of a data file say of the replication history that the data belong to.

import type { SavedHistory } from '@slotmesh/replication';

const ID = /^[0-9a-f]{40}$/;

/** The database that the stream had selected; 0 where it is not said. */
export function streamDbOf(aux: ReadonlyMap<string, string>): number {
  const db = Number(aux.get('repl-stream-db') ?? 0);
  return Number.isSafeInteger(db) && db > 0 ? db : 0;
}

/** Null where they do not say it, or nothing that can be used. */
export function historyOf(aux: ReadonlyMap<string, string>): SavedHistory | null {
  const id = aux.get('repl-id') ?? '';
  const offset = Number(aux.get('repl-offset') ?? -1);
  if (!ID.test(id) || !Number.isSafeInteger(offset) || offset < 0) return null;
  return { id, offset, streamDb: streamDbOf(aux) };
}
