// The data of a simulated node: for each slot, keys. Every write of a run makes a key of its own, named by its number, so
// whoever looks at a data set knows which writes are in it. Commands and snapshots are bytes, as the real ones are.

import { keyForSlot, keySlot } from '@slotmesh/crc16-slots';
import { assert } from '@slotmesh/machine';
import { type Arguments, CommandDecoder, encodeCommand, encodeCommands } from '@slotmesh/resp';

/** What one write does: a key comes, or goes; or all of them go. */
export type Change =
  | { readonly kind: 'add' | 'remove'; readonly slot: number; readonly value: number }
  | { readonly kind: 'flush' };

const TAGS = new Map<number, string>();
const SLOTS = new Map<string, number>();

/** The name of the key that a write makes. */
function keyOf(slot: number, value: number): string {
  let tag = TAGS.get(slot);
  if (tag === undefined) {
    tag = keyForSlot(slot);
    TAGS.set(slot, tag);
    SLOTS.set(tag, slot);
  }
  return `{${tag}}:${value}`;
}

function changeOf(kind: 'add' | 'remove', key: string): Change {
  const end = key.indexOf('}:');
  assert(end > 0, `'${key}' is no key of this world`);
  const tag = key.slice(1, end);
  let slot = SLOTS.get(tag);
  if (slot === undefined) {
    slot = keySlot(key);
    SLOTS.set(tag, slot);
  }
  return { kind, slot, value: Number(key.slice(end + 2)) };
}

/** The command that makes a change, as a client sends it and the stream has it. */
export function commandOf(change: Change): readonly string[] {
  if (change.kind === 'flush') return ['FLUSHALL'];
  const key = keyOf(change.slot, change.value);
  return change.kind === 'add' ? ['SET', key, `${change.value}`] : ['DEL', key];
}

const READER = new CommandDecoder();

/** A command's arguments as replication takes them; good until the next call. */
export function argumentsOf(words: readonly string[]): Arguments {
  READER.push(encodeCommand(words));
  assert(READER.next(), 'a command that was encoded can be decoded');
  return READER;
}

/** Spreads a key over 32 bits, so that sums of them tell data sets apart. */
function mix(slot: number, value: number): number {
  let hash = Math.imul(value ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(slot + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

export class DataSet {
  readonly #slots = new Map<number, Set<number>>();
  /** Told of every slot whose number of keys has changed. */
  readonly #changed: (slot: number, count: number) => void;
  /** The same for the same keys, whatever their history. */
  digest = 0;
  size = 0;

  constructor(changed: (slot: number, count: number) => void = () => {}) {
    this.#changed = changed;
  }

  slots(): IterableIterator<number> {
    return this.#slots.keys();
  }

  valuesOf(slot: number): ReadonlySet<number> {
    return this.#slots.get(slot) ?? NOTHING;
  }

  has(slot: number, value: number): boolean {
    return this.#slots.get(slot)?.has(value) ?? false;
  }

  apply(change: Change): void {
    if (change.kind === 'flush') this.clear();
    else if (change.kind === 'add') this.#add(change.slot, change.value);
    else this.#remove(change.slot, change.value);
  }

  #add(slot: number, value: number): void {
    let values = this.#slots.get(slot);
    if (values === undefined) {
      values = new Set();
      this.#slots.set(slot, values);
    }
    if (values.has(value)) return;
    values.add(value);
    this.size++;
    this.digest = (this.digest + mix(slot, value)) >>> 0;
    this.#changed(slot, values.size);
  }

  #remove(slot: number, value: number): void {
    const values = this.#slots.get(slot);
    if (values === undefined || !values.delete(value)) return;
    this.size--;
    this.digest = (this.digest - mix(slot, value)) >>> 0;
    if (values.size === 0) this.#slots.delete(slot);
    this.#changed(slot, values.size);
  }

  clear(): void {
    const slots = [...this.#slots.keys()];
    this.#slots.clear();
    this.digest = 0;
    this.size = 0;
    for (const slot of slots) this.#changed(slot, 0);
  }

  /** All keys as the commands that make them: what a snapshot has. */
  snapshot(): Uint8Array {
    const commands: (readonly string[])[] = [];
    for (const [slot, values] of this.#slots) {
      for (const value of values) commands.push(commandOf({ kind: 'add', slot, value }));
    }
    commands.push(['END', `${this.size}`, `${this.digest}`]);
    return encodeCommands(commands);
  }

  /** Becomes what a snapshot says; false: it is not whole. */
  load(bytes: Uint8Array): boolean {
    this.clear();
    const decoder = new CommandDecoder();
    decoder.push(bytes);
    while (decoder.next()) {
      const words = textsOf(decoder);
      if (words[0] === 'END') {
        return Number(words[1]) === this.size && Number(words[2]) === this.digest;
      }
      this.apply(changeOf('add', words[1]));
    }
    return false;
  }
}

const NOTHING: ReadonlySet<number> = new Set();

/** A command's words; all of this world's are ASCII. */
export function textsOf({ count, buffer, starts, ends }: Arguments): string[] {
  const words: string[] = [];
  for (let i = 0; i < count; i++) {
    words.push(String.fromCharCode(...buffer.subarray(starts[i], ends[i])));
  }
  return words;
}

/** What a command of the stream does to data; null: nothing (PING, SELECT, REPLCONF). */
export function changeOfCommand(words: readonly string[]): Change | null {
  switch (words[0]) {
    case 'SET':
      return changeOf('add', words[1]);
    case 'DEL':
      return changeOf('remove', words[1]);
    case 'FLUSHALL':
      return { kind: 'flush' };
    default:
      return null;
  }
}
