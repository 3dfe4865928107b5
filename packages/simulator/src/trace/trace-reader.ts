// Reads a trace back, record by record. The file may be anything: whatever is wrong with it is a TraceError.

import { Decoder } from '@msgpack/msgpack';
import { SlotRangeError, SlotSet } from '@slotmesh/crc16-slots';
import { TraceError } from './errors.ts';
import { Item, TRACE_MAGIC, TRACE_VERSION } from './trace-format.ts';
import type { TraceRecord } from './trace-sink.ts';

/** What the end of a trace says of the run. */
export interface TraceEnd {
  readonly records: number;
  /** The hash of the run, that replaying it must give. */
  readonly hash: string;
}

interface Shape {
  readonly kind: string | null;
  readonly names: readonly string[];
}

/** Longest list in a trace; a foreign file may claim billions. */
const LIST_LENGTH_MAX = 1_000_000;

const KINDS: ReadonlySet<unknown> = new Set<TraceRecord['kind']>([
  'start',
  'stop',
  'input',
  'command',
  'dataLoaded',
  'settle',
  'effect',
  'options',
  'keys',
  'replicationStart',
  'replicationInput',
  'replicationSettle',
  'replicationEffect',
  'append',
  'applied',
  'loading',
  'environment',
]);

export class TraceReader {
  /** As the writer was given them; not checked. */
  readonly options: unknown;
  readonly #items: Generator<unknown, void, unknown>;
  readonly #shared: (string | SlotSet)[] = [];
  readonly #shapes: Shape[] = [];
  #records = 0;
  #end: TraceEnd | null = null;

  /** Throws {@link TraceError} where the bytes do not begin as a trace does. They must not change while it is read. */
  constructor(bytes: Uint8Array) {
    this.#items = items(bytes);
    const version = this.#next();
    if (!Array.isArray(version) || typeof version[0] !== 'number') {
      throw corrupt('it does not say its version');
    }
    if (version[0] !== TRACE_VERSION) {
      const message = `the trace has format ${version[0]}; this version reads format ${TRACE_VERSION}`;
      throw new TraceError('VERSION', message);
    }
    this.options = version[1];
  }

  /** What the end says; null as long as {@link records} has not come to it. */
  get end(): TraceEnd | null {
    return this.#end;
  }

  /**
   * The records, in order; to be read once. Throws {@link TraceError}, after the last record that is whole where the
   * trace is cut.
   */
  *records(): Generator<TraceRecord, void, undefined> {
    while (this.#end === null) {
      const record = this.#take(this.#next());
      if (record !== null) yield record;
    }
    if (!this.#items.next().done) throw corrupt('it goes on after its end');
  }

  #next(): unknown {
    const item = this.#items.next();
    if (item.done) throw truncated();
    return item.value;
  }

  /** Takes an item in; gives the record, if it is one. */
  #take(item: unknown): TraceRecord | null {
    if (!Array.isArray(item)) throw corrupt('an item is no list');
    const [kind, ...values] = item as unknown[];
    switch (kind) {
      case Item.text:
        this.#shared.push(textOf(values[0]));
        return null;
      case Item.slots:
        this.#shared.push(slotsOf(textOf(values[0])));
        return null;
      case Item.shape: {
        const [objectKind, ...names] = values;
        this.#shapes.push({
          kind: objectKind === null ? null : textOf(objectKind),
          names: names.map(textOf),
        });
        return null;
      }
      case Item.record:
        this.#records++;
        return recordOf(this.#unpack(values[0]));
      case Item.end:
        this.#end = this.#endOf(values);
        return null;
      default:
        throw corrupt('an item is of no known kind');
    }
  }

  #unpack(packed: unknown): unknown {
    if (!Array.isArray(packed)) return packed;
    const [head, ...rest] = packed as unknown[];
    if (head === 0) return rest.map((item) => this.#unpack(item));
    if (typeof head === 'number' && head < 0) {
      const shared = this.#shared[-1 - head];
      if (shared === undefined) throw corrupt('a text is called that was not told');
      return shared;
    }
    const shape = typeof head === 'number' ? this.#shapes[head - 1] : undefined;
    if (shape === undefined || shape.names.length !== rest.length) {
      throw corrupt('an object has a shape that was not told');
    }
    const fields = shape.names.map((name, i): [string, unknown] => [name, this.#unpack(rest[i])]);
    if (shape.kind !== null) fields.unshift(['kind', shape.kind]);
    return Object.fromEntries(fields);
  }

  #endOf([records, hash]: unknown[]): TraceEnd {
    if (records !== this.#records || typeof hash !== 'string') {
      throw corrupt(`it has ${this.#records} records, and says ${String(records)}`);
    }
    return { records: this.#records, hash };
  }
}

/** The values of a stream behind the magic word. */
function items(bytes: Uint8Array): Generator<unknown, void, unknown> {
  const magic = new TextEncoder().encode(TRACE_MAGIC);
  // A short text is one byte of type and length, and its bytes.
  const head = [0xa0 | magic.length, ...magic];
  for (let i = 0; i < head.length && i < bytes.length; i++) {
    if (bytes[i] !== head[i]) throw new TraceError('NOT_A_TRACE', 'the file is no slotmesh trace');
  }
  if (bytes.length < head.length) throw truncated();
  return decoded(bytes.subarray(head.length));
}

function* decoded(bytes: Uint8Array): Generator<unknown, void, unknown> {
  const values = new Decoder({ maxArrayLength: LIST_LENGTH_MAX }).decodeMulti(bytes);
  for (;;) {
    let next: IteratorResult<unknown, void>;
    try {
      next = values.next();
    } catch (error) {
      // The decoder's word for bytes that are missing.
      if (error instanceof RangeError) throw truncated();
      throw corrupt(error instanceof Error ? error.message : String(error));
    }
    if (next.done) return;
    yield next.value;
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw corrupt('a text is none');
  return value;
}

function slotsOf(text: string): SlotSet {
  try {
    return SlotSet.parse(text);
  } catch (error) {
    if (error instanceof SlotRangeError) throw corrupt(error.message);
    throw error;
  }
}

function recordOf(value: unknown): TraceRecord {
  const { kind, atMs, node } = (value ?? {}) as Partial<TraceRecord>;
  if (!KINDS.has(kind) || typeof atMs !== 'number' || typeof node !== 'number') {
    throw corrupt('a record is none');
  }
  return value as TraceRecord;
}

function truncated(): TraceError {
  return new TraceError('TRUNCATED', 'the trace ends before its end');
}

function corrupt(reason: string): TraceError {
  return new TraceError('CORRUPT', `the trace is damaged: ${reason}`);
}
