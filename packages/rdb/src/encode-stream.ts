// Streams into nodes of listpacks: see decode-stream.ts for the form.

import { checkConsistent, type Encoder } from './encoder.ts';
import { ListpackWriter } from './packed/listpack-writer.ts';
import type { RdbStream, RdbStreamEntry, RdbStreamGroup, RdbStreamId } from './value.ts';

/** Redis's limits of a node: `stream-node-max-entries`, `stream-node-max-bytes`. */
const NODE_ENTRIES_MAX = 100;
const NODE_BYTES_MAX = 4096;
const ID_BYTES = 16;
const SAME_FIELDS = 2;
const UNKNOWN_READ = 2n ** 64n - 1n;
const NO_ID: RdbStreamId = { ms: 0n, sequence: 0n };

/** Writes a stream in one of the three forms. What an older form lacks is left out. */
export function encodeStream(encoder: Encoder, stream: RdbStream, version: 1 | 2 | 3): void {
  checkStream(stream);
  const nodes = nodesOf(stream.entries);
  encoder.length(nodes.length);
  const pack = new ListpackWriter();
  for (const { begin, end } of nodes) {
    const { ms, sequence } = stream.entries[begin].id;
    encoder.length(ID_BYTES);
    encoder.rawId(ms, sequence);
    encoder.string(packNode(pack, stream.entries, begin, end));
  }
  encoder.length(stream.entries.length);
  writeId(encoder, stream.lastId);
  if (version >= 2) {
    const history = stream.history;
    writeId(encoder, history?.firstId ?? stream.entries[0]?.id ?? NO_ID);
    writeId(encoder, history?.maxDeletedId ?? NO_ID);
    encoder.uint64(history?.entriesAdded ?? BigInt(stream.entries.length));
  }
  encoder.length(stream.groups.length);
  for (const group of stream.groups) writeGroup(encoder, group, version);
}

function checkStream(stream: RdbStream): void {
  for (const { fields } of stream.entries) {
    checkConsistent(fields.length > 0 && fields.length % 2 === 0, 'a field without a value');
  }
  for (const { pending, consumers } of stream.groups) {
    for (const { consumer } of pending) {
      checkConsistent(consumers[consumer] !== undefined, `pending entry of no consumer`);
    }
  }
}

function writeId(encoder: Encoder, id: RdbStreamId): void {
  encoder.uint64(id.ms);
  encoder.uint64(id.sequence);
}

/** Cuts entries into nodes of about the size that Redis makes them. */
function nodesOf(entries: readonly RdbStreamEntry[]): { begin: number; end: number }[] {
  const nodes: { begin: number; end: number }[] = [];
  let begin = 0;
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) {
    if (i > begin && (i - begin >= NODE_ENTRIES_MAX || bytes >= NODE_BYTES_MAX)) {
      nodes.push({ begin, end: i });
      begin = i;
      bytes = 0;
    }
    for (const field of entries[i].fields) bytes += field.length;
  }
  if (begin < entries.length) nodes.push({ begin, end: entries.length });
  return nodes;
}

function packNode(
  pack: ListpackWriter,
  entries: readonly RdbStreamEntry[],
  begin: number,
  end: number,
): Uint8Array {
  const master = entries[begin];
  const count = master.fields.length / 2;
  pack.integer(end - begin);
  pack.integer(0);
  pack.integer(count);
  for (let i = 0; i < count; i++) pack.value(master.fields[2 * i]);
  pack.integer(0);
  for (let i = begin; i < end; i++) {
    const { id, fields } = entries[i];
    const isSame = hasSameFields(fields, master.fields);
    pack.integer(isSame ? SAME_FIELDS : 0);
    pack.integer(BigInt.asIntN(64, id.ms - master.id.ms));
    pack.integer(BigInt.asIntN(64, id.sequence - master.id.sequence));
    if (!isSame) pack.integer(fields.length / 2);
    for (let k = isSame ? 1 : 0; k < fields.length; k += isSame ? 2 : 1) pack.value(fields[k]);
    pack.integer(isSame ? fields.length / 2 + 3 : fields.length + 4);
  }
  return pack.finish();
}

function hasSameFields(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 2) {
    const name = a[i];
    const other = b[i];
    if (name.length !== other.length || !name.every((byte, k) => byte === other[k])) return false;
  }
  return true;
}

function writeGroup(encoder: Encoder, group: RdbStreamGroup, version: 1 | 2 | 3): void {
  encoder.string(group.name);
  writeId(encoder, group.lastId);
  if (version >= 2) encoder.uint64(group.entriesRead ?? UNKNOWN_READ);
  encoder.length(group.pending.length);
  for (const { id, deliveredAtMs, deliveryCount } of group.pending) {
    encoder.rawId(id.ms, id.sequence);
    encoder.int64(deliveredAtMs);
    encoder.length(deliveryCount);
  }
  const owned: RdbStreamId[][] = group.consumers.map(() => []);
  for (const { id, consumer } of group.pending) owned[consumer].push(id);
  encoder.length(group.consumers.length);
  for (const [i, { name, seenAtMs, activeAtMs }] of group.consumers.entries()) {
    encoder.string(name);
    encoder.int64(seenAtMs);
    if (version >= 3) encoder.int64(activeAtMs ?? seenAtMs);
    encoder.length(owned[i].length);
    for (const { ms, sequence } of owned[i]) encoder.rawId(ms, sequence);
  }
}
