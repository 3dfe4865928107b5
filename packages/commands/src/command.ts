// Hot path: finds the command that a client names; bench in bench/execute.bench.ts.
//
// Rows of the table made ready for execution: flags as bits, names in tables that are searched by the bytes as they lie
// in the input, in any case. Nothing is indexed by a name as an object would be, so `__proto__` is just unknown.

import type { Arguments } from '@slotmesh/resp';
import { latin1Bytes } from './bytes.ts';
import type { CommandCatalog, CommandEntry } from './catalog.ts';
import { CommandFlag } from './command-flags.ts';
import type { KeySpec } from './table/facts.ts';
import type { CommandHandler, CommandSpec } from './table/spec.ts';

const SUBSCRIBED_CONTEXT = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'unsubscribe',
  'sunsubscribe',
  'psubscribe',
  'punsubscribe',
  'quit',
  'reset',
]);
const IN_TRANSACTION = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);
/** Not among the flags that COMMAND INFO shows. */
const MAY_REPLICATE = new Set(['publish', 'spublish']);
const SHARDED_PUBSUB = new Set(['ssubscribe', 'sunsubscribe', 'spublish']);

/** One command, or one subcommand. */
export class Command implements CommandEntry {
  readonly id: number;
  readonly spec: CommandSpec;
  readonly fullName: string;
  readonly parent: Command | null;
  readonly arity: number;
  /** {@link CommandFlag} bits. */
  readonly flags: number;
  readonly keys: KeySpec | null;
  /** The argument that is its only key, whatever its arguments are; 0 where there are none, or more. */
  readonly onlyKey: number;
  readonly run: CommandHandler | null;
  /** Of a container, by their names. */
  readonly subcommands: NameIndex | null;

  constructor(spec: CommandSpec, parent: Command | null, all: Command[]) {
    this.id = all.push(this) - 1;
    this.spec = spec;
    this.parent = parent;
    this.fullName = parent === null ? spec.name : `${parent.spec.name}|${spec.name}`;
    this.arity = spec.arity;
    this.keys = spec.keys ?? null;
    this.onlyKey = this.keys !== null && this.keys.first === this.keys.last ? this.keys.first : 0;
    this.run = spec.run ?? null;
    this.flags = flagBits(this.fullName, spec);
    this.subcommands =
      spec.subcommands === undefined
        ? null
        : new NameIndex(spec.subcommands.map((row) => new Command(row, this, all)));
  }

  accepts(argumentCount: number): boolean {
    return this.arity >= 0 ? argumentCount === this.arity : argumentCount >= -this.arity;
  }
}

function flagBits(name: string, spec: CommandSpec): number {
  const words = new Set((spec.flags ?? '').split(' '));
  const isOnKeys = words.has('write') || words.has('readonly');
  return (
    (words.has('write') ? CommandFlag.write : 0) |
    (words.has('readonly') ? CommandFlag.readonly : 0) |
    (words.has('no_auth') ? CommandFlag.noAuth : 0) |
    (words.has('pubsub') ? CommandFlag.pubsub : 0) |
    (words.has('fast') ? CommandFlag.fast : 0) |
    (words.has('no_multi') ? CommandFlag.noMulti : 0) |
    (words.has('admin') ? CommandFlag.admin : 0) |
    (words.has('skip_slowlog') ? CommandFlag.skipSlowLog : 0) |
    (words.has('loading') ? CommandFlag.loading : 0) |
    (words.has('stale') ? CommandFlag.stale : 0) |
    (words.has('asking') ? CommandFlag.asking : 0) |
    (words.has('denyoom') ? CommandFlag.denyOom : 0) |
    (words.has('fast') || (isOnKeys && spec.complexity === 'O(1)') ? CommandFlag.sampled : 0) |
    (MAY_REPLICATE.has(name) ? CommandFlag.mayReplicate : 0) |
    (IN_TRANSACTION.has(name) ? CommandFlag.inTransaction : 0) |
    (name === 'exec' ? CommandFlag.exec : 0) |
    (name === 'debug' || name.startsWith('debug|') ? CommandFlag.debug : 0) |
    (SUBSCRIBED_CONTEXT.has(name) ? CommandFlag.inSubscribedContext : 0) |
    (SHARDED_PUBSUB.has(name) ? CommandFlag.shardedPubSub : 0)
  );
}

/** Commands by name, in any case. */
export class NameIndex {
  readonly commands: readonly Command[];
  readonly #names: readonly Uint8Array[];
  /** Open addressing: place in `commands`, or -1. */
  readonly #places: Int16Array;

  constructor(commands: readonly Command[]) {
    this.commands = commands;
    this.#names = commands.map((command) => latin1Bytes(command.spec.name));
    let size = 8;
    while (size < commands.length * 4) size *= 2;
    this.#places = new Int16Array(size).fill(-1);
    this.#names.forEach((name, place) => {
      let at = hashName(name, 0, name.length) & (size - 1);
      while (this.#places[at] >= 0) at = (at + 1) & (size - 1);
      this.#places[at] = place;
    });
  }

  /** The command of that name, or null. */
  find(bytes: Uint8Array, start: number, end: number): Command | null {
    const places = this.#places;
    const mask = places.length - 1;
    let at = hashName(bytes, start, end) & mask;
    for (;;) {
      const place = places[at];
      if (place < 0) return null;
      if (sameName(this.#names[place], bytes, start, end)) return this.commands[place];
      at = (at + 1) & mask;
    }
  }
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Length, first, middle and last byte tell command names apart well; a bad hash costs comparisons only. */
function hashName(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  const first = lower(bytes[start]);
  const middle = lower(bytes[start + (length >> 1)]);
  const last = lower(bytes[end - 1]);
  return Math.imul(length ^ (first << 6) ^ (middle << 11) ^ (last << 16), 0x9e3779b1) >>> 20;
}

function sameName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== lower(bytes[start + i])) return false;
  return true;
}

/** The whole table. */
export class CommandTable implements CommandCatalog {
  /** Commands and subcommands by their `id`. */
  readonly all: readonly Command[];
  /** Commands without their subcommands, in the order of the table. */
  readonly index: NameIndex;

  constructor(rows: readonly CommandSpec[]) {
    const all: Command[] = [];
    this.index = new NameIndex(rows.map((row) => new Command(row, null, all)));
    this.all = all;
  }

  /**
   * The command that arguments name: a container's subcommand, or the container itself where it stands alone; null if
   * there is none.
   */
  resolve(args: Arguments, at = 0): Command | null {
    const { buffer, starts, ends } = args;
    const command = this.index.find(buffer, starts[at], ends[at]);
    if (command === null || command.subcommands === null || args.count - at === 1) return command;
    return command.subcommands.find(buffer, starts[at + 1], ends[at + 1]);
  }

  /** The command of a full name such as `get` or `client|list`, in any case; null if there is none. */
  findFullName(bytes: Uint8Array, start: number, end: number): Command | null {
    const bar = bytes.indexOf(0x7c, start);
    if (bar < 0 || bar >= end) return this.index.find(bytes, start, end);
    return this.index.find(bytes, start, bar)?.subcommands?.find(bytes, bar + 1, end) ?? null;
  }
}
