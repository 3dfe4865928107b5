// Looking keys up, storing and deleting them, against a Map of strings, which is what one would write first.

import { keySlotOfRange } from '@slotmesh/crc16-slots';
import { formatNs, interleave, ratio, table } from '../../../scripts/bench-kit.ts';
import { GlobPattern, MemoryKeyspace, NO_EXPIRY } from '../src/index.ts';

const KEY_LENGTH = 16;
const VALUE_LENGTH = 64;
const STRIDE = KEY_LENGTH + VALUE_LENGTH;

/** Keys one behind the other in one buffer, each followed by a value. */
function input(count: number): Uint8Array {
  const text = Array.from(
    { length: count },
    (_, i) => `key:${String(i).padStart(KEY_LENGTH - 4, '0')}${'v'.repeat(VALUE_LENGTH)}`,
  ).join('');
  return new TextEncoder().encode(text);
}

export async function run(options: { quick: boolean }): Promise<void> {
  const count = options.quick ? 100 : 200_000;
  const rounds = options.quick ? 1 : 7;
  const bytes = input(count);
  const slots = Uint16Array.from({ length: count }, (_, i) =>
    keySlotOfRange(bytes, i * STRIDE, i * STRIDE + KEY_LENGTH),
  );
  // Keys in an order that no cache foresees.
  const order = Uint32Array.from({ length: count }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0).map(
    (n) => n % count,
  );
  const keyspace = new MemoryKeyspace({ databases: 1, bySlot: true, hashKey: { low: 1, high: 2 } });
  const [database] = keyspace.databases;
  const map = new Map<string, Uint8Array>();
  const buffer = Buffer.from(bytes.buffer);
  const nameAt = (start: number): string => buffer.toString('latin1', start, start + KEY_LENGTH);

  const ours = {
    set(): number {
      for (let i = 0; i < count; i++) {
        const start = order[i] * STRIDE;
        const end = start + KEY_LENGTH;
        database.setString(slots[order[i]], bytes, start, end, end, end + VALUE_LENGTH, NO_EXPIRY);
      }
      return database.size;
    },
    get(): number {
      let found = 0;
      for (let i = 0; i < count; i++) {
        const start = order[i] * STRIDE;
        if (database.find(slots[order[i]], bytes, start, start + KEY_LENGTH, 0)) {
          found += database.foundEnd - database.foundStart;
        }
      }
      return found;
    },
    renew(): number {
      for (let i = 0; i < count; i++) {
        const start = order[i] * STRIDE;
        database.delete(slots[order[i]], bytes, start, start + KEY_LENGTH, 0);
      }
      return ours.set();
    },
  };
  const theirs = {
    set(): number {
      for (let i = 0; i < count; i++) {
        const start = order[i] * STRIDE;
        const valueStart = start + KEY_LENGTH;
        map.set(nameAt(start), bytes.slice(valueStart, valueStart + VALUE_LENGTH));
      }
      return map.size;
    },
    get(): number {
      let found = 0;
      for (let i = 0; i < count; i++) found += map.get(nameAt(order[i] * STRIDE))?.length ?? 0;
      return found;
    },
    renew(): number {
      for (let i = 0; i < count; i++) map.delete(nameAt(order[i] * STRIDE));
      return theirs.set();
    },
  };
  if (ours.set() !== theirs.set() || ours.get() !== theirs.get()) {
    throw new Error('the keyspace and the Map do not hold the same');
  }
  if (ours.renew() !== theirs.renew()) throw new Error('deleting leaves something');
  const pattern = new GlobPattern(new Uint8Array(Buffer.from('key:*[0-4]?7')));
  const matchAll = (): number => {
    let matched = 0;
    for (let i = 0; i < count; i++) {
      if (pattern.matches(bytes, i * STRIDE, i * STRIDE + KEY_LENGTH)) matched++;
    }
    return matched;
  };
  if (!options.quick && matchAll() === 0) throw new Error('the pattern matches nothing');

  const measured = await interleave({
    rounds,
    cases: [
      { name: `overwrite, ${count} keys of 16, values of 64`, run: ours.set, operations: count },
      { name: '', run: theirs.set, operations: count },
      { name: 'look up', run: ours.get, operations: count },
      { name: '', run: theirs.get, operations: count },
      { name: 'delete and store again', run: ours.renew, operations: count },
      { name: '', run: theirs.renew, operations: count },
      { name: 'match key:*[0-4]?7', run: matchAll, operations: count },
    ],
  });
  const rows: Record<string, string>[] = [];
  for (let i = 0; i < measured.length; i += 2) {
    const mine = measured[i].cpuNsPerOperation;
    const row: Record<string, string> = { what: measured[i].name, 'CPU, keyspace': formatNs(mine) };
    if (i + 1 < measured.length) {
      row['CPU, Map'] = formatNs(measured[i + 1].cpuNsPerOperation);
      row.ratio = ratio(mine, measured[i + 1].cpuNsPerOperation);
    }
    rows.push(row);
  }
  table(rows);
}
