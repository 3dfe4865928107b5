// Streams: nodes of entries in listpacks, counters, and consumer groups with what was delivered and not acknowledged.
// (t_stream.c and rdb.c of the reference server.)
//
// A node's key is its first id, 16 bytes big-endian. Its listpack begins with a master entry (live entries, deleted ones,
// number of fields, the fields, 0); each entry is flags, the id less that of the node, its fields unless they are the
// master's, values, and the number of its own elements, for the way back.

import type { Cursor } from './cursor.ts';
import { findDuplicate } from './distinct.ts';
import { ListpackReader } from './packed/listpack.ts';
import type {
  RdbPendingEntry,
  RdbStream,
  RdbStreamConsumer,
  RdbStreamEntry,
  RdbStreamGroup,
  RdbStreamHistory,
  RdbStreamId,
} from './value.ts';

const DELETED = 1;
const SAME_FIELDS = 2;
const ID_BYTES = 16;
/** Redis's "unknown" for the entries that a group has read. */
const UNKNOWN_READ = 2n ** 64n - 1n;

/** Reads a stream of one of the three forms. */
export function decodeStream(cursor: Cursor, version: 1 | 2 | 3): RdbStream {
  const entries: RdbStreamEntry[] = [];
  for (let left = cursor.readCount(); left > 0; left--) decodeNode(cursor, entries);
  const length = cursor.readUint64();
  if (length !== BigInt(entries.length)) bad(cursor, `${entries.length} entries and not ${length}`);
  const lastId = readId(cursor);
  if (entries.length > 0 && compareIds(entries[entries.length - 1].id, lastId) > 0) {
    bad(cursor, 'an entry after the last id');
  }
  const history = version === 1 ? null : readHistory(cursor);
  const groups: RdbStreamGroup[] = [];
  for (let left = cursor.readCount(); left > 0; left--) groups.push(readGroup(cursor, version));
  if (findDuplicate(groups.map((group) => group.name)) >= 0) {
    cursor.fail('DUPLICATE', 'a consumer group stands there twice');
  }
  return { type: 'stream', entries, lastId, history, groups };
}

function bad(cursor: Cursor, what: string): never {
  return cursor.fail('BAD_VALUE', `a stream with ${what}`);
}

/** Negative, 0 or positive, as `a` comes before `b`, is it, or comes after it. */
export function compareIds(a: RdbStreamId, b: RdbStreamId): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1;
  if (a.sequence === b.sequence) return 0;
  return a.sequence < b.sequence ? -1 : 1;
}

function readId(cursor: Cursor): RdbStreamId {
  return { ms: cursor.readUint64(), sequence: cursor.readUint64() };
}

function readHistory(cursor: Cursor): RdbStreamHistory {
  return {
    firstId: readId(cursor),
    maxDeletedId: readId(cursor),
    entriesAdded: cursor.readUint64(),
  };
}

/** The 16 bytes of an id. */
function rawId(bytes: Uint8Array, at: number): RdbStreamId {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, ID_BYTES);
  return { ms: view.getBigUint64(0), sequence: view.getBigUint64(8) };
}

function decodeNode(cursor: Cursor, entries: RdbStreamEntry[]): void {
  cursor.readString();
  if (cursor.stringEnd - cursor.stringStart !== ID_BYTES) bad(cursor, 'a node without an id');
  const first = rawId(cursor.string, cursor.stringStart);
  cursor.readString();
  const pack = new ListpackReader(cursor);
  const live = pack.nextInteger();
  const deleted = pack.nextInteger();
  const masterFields: Uint8Array[] = [];
  for (let left = countOf(cursor, pack); left > 0; left--) masterFields.push(pack.nextValue());
  if (pack.nextInteger() !== 0) bad(cursor, 'a node whose first entry has no end');

  let liveSeen = 0;
  let deletedSeen = 0;
  let previous: RdbStreamId | null = entries.length > 0 ? entries[entries.length - 1].id : null;
  while (pack.next()) {
    const flags = pack.integer;
    if (typeof flags !== 'number' || flags < 0 || flags > (DELETED | SAME_FIELDS)) {
      bad(cursor, 'an entry without flags');
    }
    const ms = BigInt.asUintN(64, first.ms + BigInt(pack.nextInteger()));
    const sequence = BigInt.asUintN(64, first.sequence + BigInt(pack.nextInteger()));
    const id = { ms, sequence };
    const isAfter = previous === null || compareIds(previous, id) < 0;
    if (!isAfter || compareIds(first, id) > 0) bad(cursor, 'ids that do not ascend');
    previous = id;
    const { fields, elements } = readFields(cursor, pack, flags, masterFields);
    if (pack.nextInteger() !== elements) bad(cursor, 'an entry of another length than it says');
    if ((flags & DELETED) !== 0) deletedSeen++;
    else {
      liveSeen++;
      entries.push({ id, fields });
    }
  }
  if (live !== liveSeen || deleted !== deletedSeen) bad(cursor, 'a node that counts wrong');
}

/** Fields and values in turns, and how many elements of the listpack come before the number that says so. */
function readFields(
  cursor: Cursor,
  pack: ListpackReader,
  flags: number,
  masterFields: readonly Uint8Array[],
): { fields: Uint8Array[]; elements: number } {
  const fields: Uint8Array[] = [];
  if ((flags & SAME_FIELDS) !== 0) {
    // The master's fields are not in the listpack again, so they are counted here.
    cursor.countElements(masterFields.length);
    for (const field of masterFields) fields.push(field, pack.nextValue());
    return { fields, elements: masterFields.length + 3 };
  }
  const count = countOf(cursor, pack);
  for (let left = count; left > 0; left--) fields.push(pack.nextValue(), pack.nextValue());
  return { fields, elements: 2 * count + 4 };
}

function countOf(cursor: Cursor, pack: ListpackReader): number {
  const count = pack.nextInteger();
  if (typeof count !== 'number' || count < 0) bad(cursor, 'a number of fields that is none');
  return count;
}

function readGroup(cursor: Cursor, version: 1 | 2 | 3): RdbStreamGroup {
  const name = cursor.readBytes();
  const lastId = readId(cursor);
  const entriesRead = version === 1 ? UNKNOWN_READ : cursor.readUint64();
  const pending: (RdbPendingEntry & { consumer: number })[] = [];
  /** Pending entries that no consumer has claimed yet, by id. */
  const unowned = new Map<string, RdbPendingEntry & { consumer: number }>();
  for (let left = cursor.readCount(); left > 0; left--) {
    const id = rawId(cursor.bytes, cursor.skip(ID_BYTES));
    const deliveredAtMs = cursor.readInt64();
    const deliveryCount = cursor.readLength();
    const previous = pending.length > 0 ? pending[pending.length - 1].id : null;
    if (previous !== null && compareIds(previous, id) >= 0) bad(cursor, 'unsorted pending entries');
    const entry = { id, deliveredAtMs, deliveryCount, consumer: -1 };
    pending.push(entry);
    unowned.set(textOf(id), entry);
  }
  const consumers: RdbStreamConsumer[] = [];
  for (let left = cursor.readCount(); left > 0; left--) {
    const consumer = cursor.readBytes();
    const seenAtMs = cursor.readInt64();
    const activeAtMs = version === 3 ? cursor.readInt64() : null;
    for (let owned = cursor.readCount(); owned > 0; owned--) {
      const id = textOf(rawId(cursor.bytes, cursor.skip(ID_BYTES)));
      const entry = unowned.get(id);
      // One entry of two consumers would be freed twice by a server in C: neither is believed.
      if (entry === undefined) return bad(cursor, 'a consumer with an entry that is not its own');
      unowned.delete(id);
      entry.consumer = consumers.length;
    }
    consumers.push({ name: consumer, seenAtMs, activeAtMs });
  }
  if (findDuplicate(consumers.map((consumer) => consumer.name)) >= 0) {
    cursor.fail('DUPLICATE', 'a consumer stands in its group twice');
  }
  if (unowned.size > 0) bad(cursor, 'pending entries of no consumer');
  return {
    name,
    lastId,
    entriesRead: entriesRead === UNKNOWN_READ ? null : entriesRead,
    pending,
    consumers,
  };
}

function textOf(id: RdbStreamId): string {
  return `${id.ms}-${id.sequence}`;
}
