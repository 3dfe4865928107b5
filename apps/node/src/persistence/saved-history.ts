// What the auxiliary fields of a data file say of the replication history that the data belong to.

import type { SavedHistory } from '@slotmesh/replication';

const ID = /^[0-9a-f]{40}$/;

/** Null where they do not say it, or nothing that can be used. */
export function historyOf(aux: ReadonlyMap<string, string>): SavedHistory | null {
  const id = aux.get('repl-id') ?? '';
  const offset = Number(aux.get('repl-offset') ?? -1);
  const streamDb = Number(aux.get('repl-stream-db') ?? 0);
  if (!ID.test(id) || !Number.isSafeInteger(offset) || offset < 0) return null;
  return { id, offset, streamDb: Number.isSafeInteger(streamDb) && streamDb > 0 ? streamDb : 0 };
}
