// What a key costs in memory, and how long the longest calls take while millions of keys come, expire, are compacted and
// go with their slot.
//
// A pause is measured around a batch of a hundred calls, so it is an upper bound for one of them. What counts is the time
// on the wall or the process's CPU time, whichever is less: the first includes what other processes take from this one,
// the second what its helper threads do beside. The first calls of each kind meet the compiler and are left out.

import { keySlotOfRange } from '@slotmesh/crc16-slots';
import { table } from '../../../scripts/bench-kit.ts';
import { type Database, MemoryKeyspace, NO_EXPIRY } from '../src/index.ts';

const KEY_LENGTH = 16;
/** As the node gives memory back. */
const RECLAIMED_PER_SLICE = 400;
const STRIDE = 80;
const BATCH = 100;
/** Batches of each kind that are not measured. */
const WARM_UP = 2000;

const batch: Uint8Array = new Uint8Array(BATCH * STRIDE).fill(0x76);
const slots: Uint16Array = new Uint16Array(BATCH);

function prepare(from: number, inOneSlot = false): void {
  for (let i = 0; i < BATCH; i++) {
    const start = i * STRIDE;
    // Digits by hand: strings would be garbage, and count in the resident set.
    for (let j = KEY_LENGTH - 1, left = from + i; j >= 0; j--) {
      batch[start + j] = 0x30 + (left % 10);
      left = Math.floor(left / 10);
    }
    slots[i] = inOneSlot ? 0 : keySlotOfRange(batch, start, start + KEY_LENGTH);
  }
}

/** Stores the batch; every second key expires where `expireAtMs` is a time. */
function store(database: Database, expireAtMs: number): void {
  for (let i = 0; i < BATCH; i++) {
    const start = i * STRIDE;
    const end = start + KEY_LENGTH;
    const atMs = i % 2 === 0 ? NO_EXPIRY : expireAtMs;
    database.setString(slots[i], batch, start, end, end, start + STRIDE, atMs);
  }
}

function newKeyspace(bySlot = true): MemoryKeyspace {
  return new MemoryKeyspace({ databases: 1, bySlot, hashKey: { low: 1, high: 2 } });
}

class Stopwatch {
  readonly #warmUp: number;
  longestMs = 0;
  totalMs = 0;
  calls = 0;

  constructor(warmUp: number = WARM_UP) {
    this.#warmUp = warmUp;
  }

  measure<T>(run: () => T): T {
    const cpuBefore = process.cpuUsage();
    const before = performance.now();
    const result = run();
    const wallMs = performance.now() - before;
    const cpu = process.cpuUsage(cpuBefore);
    const ms = Math.min(wallMs, (cpu.user + cpu.system) / 1000);
    this.totalMs += ms;
    if (++this.calls > this.#warmUp) this.longestMs = Math.max(this.longestMs, ms);
    return result;
  }

  row(what: string, count: number): Record<string, string> {
    return {
      what,
      'mean per key': `${((this.totalMs * 1000) / count).toFixed(2)} us`,
      'longest batch of 100': `${this.longestMs.toFixed(2)} ms`,
    };
  }
}

function memoryPerKey(count: number): void {
  const before = process.memoryUsage().rss;
  const keyspace = newKeyspace();
  for (let i = 0; i < count; i += BATCH) {
    prepare(i);
    store(keyspace.databases[0], NO_EXPIRY);
  }
  if (keyspace.databases[0].size !== count) throw new Error('not all keys are there');
  const perKey = (bytes: number): string => `${(bytes / count).toFixed(1)} bytes`;
  table([
    {
      [`memory per key, ${count} keys of 16, values of 64`]: '',
      used: perKey(keyspace.usedBytes),
      held: perKey(keyspace.heldBytes),
      'resident set': perKey(process.memoryUsage().rss - before),
    },
  ]);
}

function pauses(count: number): void {
  const keyspace = newKeyspace();
  const [database] = keyspace.databases;
  const grow = new Stopwatch();
  const expire = new Stopwatch();
  const compact = new Stopwatch();
  for (let i = 0; i < count; i += BATCH) {
    prepare(i);
    grow.measure(() => store(database, 1000 + i));
  }
  let expired = 0;
  for (let more = true; more; ) {
    const done = expire.measure(() => keyspace.expireCycle(count * 10, BATCH));
    expired += done;
    more = done > 0;
  }
  if (expired !== count / 2) throw new Error('not all keys expired that should');
  // Holes everywhere: of what is left, two of three go.
  for (let i = 0; i < count; i += BATCH) {
    prepare(i);
    for (let j = 0; j < BATCH; j += 2) {
      const start = j * STRIDE;
      if ((i + j) % 6 !== 0) {
        database.delete(slots[j], batch, start, start + KEY_LENGTH, 0);
      }
    }
  }
  const heldBefore = keyspace.heldBytes;
  let moved = 0;
  for (let more = true; more; ) {
    const done = compact.measure(() => keyspace.compact(BATCH));
    moved += done;
    more = done > 0;
  }
  table([
    grow.row(`grow to ${count} keys, half of which expire`, count),
    expire.row(`expire ${expired}`, expired),
    compact.row(`compact, moving ${moved}`, moved),
  ]);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `held before compaction ${megabytes(heldBefore)}, after ${megabytes(keyspace.heldBytes)}, ` +
      `in use ${megabytes(keyspace.usedBytes)}`,
  );
}

/** A slot of so many keys, half of which expire, is deleted while a snapshot is open or none is. */
function deletedSlot(count: number, withSnapshot: boolean): Record<string, string> {
  const keyspace = newKeyspace(false);
  const [database] = keyspace.databases;
  for (let i = 0; i < count; i += BATCH) {
    prepare(i, true);
    store(database, 1000 + i);
  }
  let shown = 0;
  if (withSnapshot) database.snapshot(null, () => shown++);
  const usedBefore = keyspace.usedBytes;
  const deletion = new Stopwatch(0);
  if (deletion.measure(() => database.deleteSlot(0)) !== count || database.size !== 0) {
    throw new Error('the slot is not empty');
  }
  const reclaim = new Stopwatch(200);
  while (reclaim.measure(() => keyspace.reclaim(RECLAIMED_PER_SLICE)) > 0);
  if (withSnapshot && shown !== count) throw new Error('the snapshot misses keys');
  if (count > WARM_UP && keyspace.usedBytes > usedBefore / 10) throw new Error('memory is missing');
  return {
    what: `delete a slot of ${count} keys${withSnapshot ? ', showing them to a snapshot' : ''}`,
    'the call': `${deletion.longestMs.toFixed(2)} ms`,
    'mean per key': `${((reclaim.totalMs * 1000) / count).toFixed(2)} us`,
    [`longest slice of ${RECLAIMED_PER_SLICE}`]: `${reclaim.longestMs.toFixed(2)} ms`,
  };
}

export async function run(options: { quick: boolean }): Promise<void> {
  memoryPerKey(options.quick ? 1000 : 1_000_000);
  pauses(options.quick ? 1000 : 4_000_000);
  const inOneSlot = options.quick ? 1000 : 1_000_000;
  table([deletedSlot(inOneSlot, false), deletedSlot(inOneSlot, true)]);
}
