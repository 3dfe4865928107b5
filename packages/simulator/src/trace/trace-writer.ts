// Writes the records of a run as a trace. Made for runs that are to be kept; a search runs without it.

import { Encoder } from '@msgpack/msgpack';
import { SlotSet } from '@slotmesh/crc16-slots';
import { assert } from '@slotmesh/machine';
import {
  Item,
  SHARED_TEXT_MAX,
  SHARED_TEXT_MIN,
  TRACE_MAGIC,
  TRACE_VERSION,
} from './trace-format.ts';
import type { TraceRecord, TraceSink } from './trace-sink.ts';

const CHUNK_BYTES = 64 * 1024;

export interface TraceWriterParts {
  /** The run's options, plain data; given back by the reader as they are. */
  readonly options: unknown;
  /** Takes the bytes, in order, in pieces of some 64 KiB; they are the taker's own. */
  readonly write: (bytes: Uint8Array) => void;
}

export class TraceWriter implements TraceSink {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #encoder = new Encoder();
  /** Texts, and sets of slots as text behind a '#', by number. */
  readonly #shared = new Map<string, number>();
  /** The sets that were met already, by reference. */
  readonly #slots = new WeakMap<SlotSet, number>();
  readonly #shapes = new Map<string, number>();
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;
  #records = 0;
  #isOver = false;

  constructor(parts: TraceWriterParts) {
    this.#write = parts.write;
    this.#put(TRACE_MAGIC);
    this.#put([TRACE_VERSION, parts.options]);
  }

  record(record: TraceRecord): void {
    assert(!this.#isOver, 'a record after the end of the trace');
    const packed = this.#pack(record);
    this.#put([Item.record, packed]);
    this.#records++;
  }

  /** The run is over: `hash` is its hash. Hands over what is left. */
  end(hash: string): void {
    assert(!this.#isOver, 'a trace ends once');
    this.#isOver = true;
    this.#put([Item.end, this.#records, hash]);
    this.flush();
  }

  /** Hands over what was written so far; for a run that cannot go on. */
  flush(): void {
    if (this.#used === 0) return;
    this.#write(this.#chunk.slice(0, this.#used));
    this.#used = 0;
  }

  #pack(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return this.#packText(value);
      case 'number':
      case 'boolean':
        return value;
      case 'object':
        if (value === null || value instanceof Uint8Array) return value;
        if (value instanceof SlotSet) return [-1 - this.#slotsNumber(value)];
        if (Array.isArray(value)) return [0, ...value.map((item) => this.#pack(item))];
        return this.#packObject(value);
      default:
        assert(false, `a trace cannot hold a ${typeof value}`);
    }
  }

  #packText(text: string): unknown {
    if (text.length < SHARED_TEXT_MIN || text.length > SHARED_TEXT_MAX) return text;
    return [-1 - this.#sharedNumber(`"${text}`, Item.text, text)];
  }

  #slotsNumber(slots: SlotSet): number {
    const known = this.#slots.get(slots);
    if (known !== undefined) return known;
    const text = slots.toString();
    const number = this.#sharedNumber(`#${text}`, Item.slots, text);
    this.#slots.set(slots, number);
    return number;
  }

  #sharedNumber(key: string, item: number, text: string): number {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const number = this.#shared.size;
    this.#shared.set(key, number);
    this.#put([item, text]);
    return number;
  }

  #packObject(value: object): unknown {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    const kindAt = fields.findIndex(
      ([name, field]) => name === 'kind' && typeof field === 'string',
    );
    const kind = kindAt === -1 ? null : (fields.splice(kindAt, 1)[0][1] as string);
    const names = fields.map(([name]) => name);
    const key = `${kind === null ? '-' : `+${kind}`}\n${names.join('\n')}`;
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      shape = this.#shapes.size + 1;
      this.#shapes.set(key, shape);
      this.#put([Item.shape, kind, ...names]);
    }
    return [shape, ...fields.map(([, field]) => this.#pack(field))];
  }

  #put(value: unknown): void {
    const bytes = this.#encoder.encodeSharedRef(value);
    if (this.#used + bytes.length > this.#chunk.length) {
      this.flush();
      if (bytes.length > this.#chunk.length) this.#chunk = new Uint8Array(bytes.length);
    }
    this.#chunk.set(bytes, this.#used);
    this.#used += bytes.length;
  }
}
