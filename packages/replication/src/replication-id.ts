// Replication ids: 40 hexadecimal digits that name a history of the data set. Who has the same id and the same offset
// has the same data.

import type { Random } from '@slotmesh/machine';
import { ID_LENGTH } from './limits.ts';

/** The second id of who has none. */
export const NO_ID: string = '0'.repeat(ID_LENGTH);

/** A new id, or the end mark of a streamed snapshot. */
export function randomId(random: Random): string {
  let id = '';
  while (id.length < ID_LENGTH) id += random.uint32().toString(16).padStart(8, '0');
  return id;
}
