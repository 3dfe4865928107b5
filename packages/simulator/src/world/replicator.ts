// Hot path: the part of a simulated node that replicates: the real machine beside its data, whose effects are carried out
// as the app does. Bytes go over the world's streams, snapshots in slices, data files to a virtual disk.

import { assert, type Random, seededRandom, unreachable } from '@slotmesh/machine';
import {
  PrimaryStream,
  Replication,
  type ReplicationEffect,
  type ReplicationFacts,
  type ReplicationInput,
  type ReplicationOptions,
  type SavedHistory,
} from '@slotmesh/replication';
import { CommandDecoder, encodeCommand, ProtocolError } from '@slotmesh/resp';
import {
  argumentsOf,
  type Change,
  changeOfCommand,
  commandOf,
  type DataSet,
  textsOf,
} from '../data/data-set.ts';
import type { StreamEndpoint, StreamNetwork } from '../network/streams.ts';
import type { TraceHash } from '../trace/trace-hash.ts';
import type { ReplicationRecordInput, TraceSink } from '../trace/trace-sink.ts';
import type { DataEvents, Position, SimNode } from './contract.ts';

/** A slice of a snapshot, and the time from one to the next. */
const SLICE_BYTES = 4096;
const SLICE_MS = 2;

type Effect<K extends ReplicationEffect['kind']> = Extract<ReplicationEffect, { readonly kind: K }>;

export interface ReplicatorParts {
  readonly node: StreamEndpoint;
  /** Whether the node has nothing to hand on: it waits for a replica to take its place. */
  readonly isSilent: () => boolean;
  readonly streams: StreamNetwork;
  readonly options: ReplicationOptions;
  readonly random: readonly [number, number, number, number];
  /** Decides how long loading takes. */
  readonly dice: Random;
  readonly nowMs: number;
  readonly saved: SavedHistory | null;
  readonly startsAsReplica: boolean;
  readonly data: DataSet;
  readonly hash: TraceHash;
  readonly trace: TraceSink | null;
  readonly events: DataEvents;
  /** The node's clock, and the world's. */
  readonly clockMs: () => number;
  readonly atMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
}

/** A snapshot that is being sent. */
interface Outgoing {
  readonly number: number;
  readonly bytes: Uint8Array;
  at: number;
}

/** One that is arriving. */
interface Incoming {
  readonly load: number;
  readonly chunks: Uint8Array[];
  readonly replacesNow: boolean;
  isWhole: boolean;
}

export class Replicator {
  readonly machine: Replication;
  readonly data: DataSet;
  /** Who was at its primary's address when it last connected. */
  source: SimNode | null = null;
  /** Full synchronizations that were loaded here. */
  fullLoads = 0;
  readonly #parts: ReplicatorParts;
  readonly #decoders = new Map<number, CommandDecoder>();
  #effects: ReplicationEffect[] = [];
  #isRunning = false;
  #stream: PrimaryStream | null = null;
  #receivedOffset = 0;
  #db = 0;
  #group: Change[] | null = null;
  #outgoing: Outgoing | null = null;
  #incoming: Incoming | null = null;
  #facts: ReplicationFacts | null = null;
  #waiters = 0;
  readonly #waits = new Map<number, (count: number) => void>();
  #isEnded = false;

  constructor(parts: ReplicatorParts) {
    this.#parts = parts;
    this.data = parts.data;
    const { options, random, nowMs, saved, startsAsReplica, hash, trace, node } = parts;
    this.machine = new Replication({
      options,
      random: seededRandom(...random),
      nowMs,
      saved,
      startsAsReplica,
    });
    hash.event(parts.atMs(), node.index, 5);
    trace?.record({
      kind: 'replicationStart',
      ...{ atMs: parts.atMs(), node: node.index, nowMs, random, options, saved, startsAsReplica },
    });
  }

  end(): void {
    this.#isEnded = true;
    this.#waits.clear();
  }

  // ---- what the rules ask

  /** As at the time 0. */
  get facts(): ReplicationFacts {
    this.#facts ??= this.machine.facts(0);
    return this.#facts;
  }

  /** From the end of its old data until new ones are there. */
  isLoading = false;

  #setLoading(isLoading: boolean): void {
    if (this.isLoading === isLoading) return;
    this.isLoading = isLoading;
    const { trace, node } = this.#parts;
    trace?.record({ kind: 'loading', atMs: this.#parts.atMs(), node: node.index, isLoading });
  }

  get position(): Position {
    return { id: this.machine.id, offset: this.machine.offset };
  }

  // ---- what reaches it

  tick(): void {
    this.input({ kind: 'tick' });
  }

  input(input: Exclude<ReplicationInput, { readonly kind: 'command' }>): void {
    this.#record(input);
    this.machine.step(this.#parts.clockMs(), input, this.#effects);
    this.#facts = null;
    this.#settle();
  }

  /** Bytes from a client: a replica, or one that becomes one. */
  clientData(client: number, remoteHost: string, bytes: Uint8Array): void {
    let decoder = this.#decoders.get(client);
    if (decoder === undefined) {
      decoder = new CommandDecoder();
      this.#decoders.set(client, decoder);
    }
    try {
      decoder.push(bytes);
      if (bytes.length === 1 && bytes[0] === 0x0a) this.input({ kind: 'clientActive', client });
      while (this.#decoders.get(client) === decoder && decoder.next()) {
        this.#clientCommand(client, remoteHost, textsOf(decoder));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#parts.streams.close(this.#parts.node, 'client', client);
      this.clientClosed(client);
    }
  }

  #clientCommand(client: number, remoteHost: string, words: readonly string[]): void {
    switch (words[0].toUpperCase()) {
      case 'PING':
        this.#reply(client, '+PONG\r\n');
        break;
      case 'REPLCONF':
      case 'PSYNC':
      case 'SYNC':
        // What a replica says on a stream that goes on is not answered.
        if (this.#parts.isSilent() && words[1]?.toUpperCase() !== 'ACK') {
          this.#reply(client, '-LOADING Redis is loading the dataset in memory\r\n');
          return;
        }
        this.#record({ kind: 'command', client, remoteHost, words });
        this.machine.step(
          this.#parts.clockMs(),
          { kind: 'command', client, remoteHost, args: argumentsOf(words) },
          this.#effects,
        );
        this.#facts = null;
        this.#settle();
        break;
      default:
        this.#reply(client, '-ERR unknown command\r\n');
    }
  }

  #reply(client: number, text: string): void {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const { streams, node } = this.#parts;
    streams.send(node, 'client', client, { bytes, isCounted: false });
  }

  clientClosed(client: number): void {
    if (!this.#decoders.delete(client)) return;
    this.input({ kind: 'clientClosed', client });
  }

  // ---- writing

  /** Changes that clients, or the rules, make here; several of them are one transaction. */
  perform(changes: readonly Change[]): Position {
    const { machine } = this;
    const commands = changes.map(commandOf);
    if (changes.length > 1) {
      commands.unshift(['MULTI']);
      commands.push(['EXEC']);
    }
    for (const change of changes) this.data.apply(change);
    if (machine.isWriting) {
      for (const words of commands) {
        this.#parts.hash.event(this.#parts.atMs(), this.#parts.node.index, 6);
        this.#parts.trace?.record({
          kind: 'append',
          ...{ atMs: this.#parts.atMs(), node: this.#parts.node.index, words },
        });
        machine.appendCommand(0, argumentsOf(words));
      }
      this.#facts = null;
    }
    const position = this.position;
    this.#parts.events.wrote(this.data, position);
    this.#settle();
    return position;
  }

  /** Waits for so many acks of an offset; `done` is told how many there were. */
  wait(offset: number, count: number, timeoutMs: number, done: (count: number) => void): void {
    const waiter = ++this.#waiters;
    this.#waits.set(waiter, done);
    this.input({ kind: 'wait', waiter, offset, count, timeoutMs });
  }

  /** What a data file has: where it stands in which history, and the keys. */
  fileBytes(): Uint8Array {
    const saved = this.machine.savedHistory();
    const head = encodeCommand(
      saved === null ? ['HISTORY'] : ['HISTORY', saved.id, `${saved.offset}`, `${saved.streamDb}`],
    );
    const body = this.data.snapshot();
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    return bytes;
  }

  // ---- effects

  #settle(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { trace, hash, node } = this.#parts;
    try {
      do {
        const nowMs = this.#parts.clockMs();
        this.machine.settle(nowMs, this.#effects);
        this.#facts = null;
        trace?.record({
          kind: 'replicationSettle',
          atMs: this.#parts.atMs(),
          node: node.index,
          nowMs,
        });
        const effects = this.#effects;
        this.#effects = [];
        for (const effect of effects) {
          hash.replicationEffect(effect);
          trace?.record({
            kind: 'replicationEffect',
            atMs: this.#parts.atMs(),
            node: node.index,
            effect,
          });
          if (!this.#isEnded) this.#carryOut(effect);
        }
      } while (this.#effects.length > 0);
    } finally {
      this.#isRunning = false;
    }
  }

  #carryOut(effect: ReplicationEffect): void {
    const { streams, node, events } = this.#parts;
    switch (effect.kind) {
      case 'reply':
        streams.send(node, 'client', effect.client, { bytes: effect.bytes, isCounted: false });
        break;
      case 'send':
        streams.send(node, 'client', effect.client, { bytes: effect.bytes, isCounted: true });
        break;
      case 'close':
        streams.close(node, 'client', effect.client);
        this.#closedByUs(effect.client);
        break;
      case 'startSnapshot':
        this.#startSnapshot(effect);
        break;
      case 'snapshotResume':
        this.#sendSlices(effect.snapshot);
        break;
      case 'cancelSnapshot':
        if (this.#outgoing?.number === effect.snapshot) this.#outgoing = null;
        break;
      case 'waitDone': {
        const done = this.#waits.get(effect.waiter);
        this.#waits.delete(effect.waiter);
        if (effect.reason !== 'demoted') done?.(effect.count);
        break;
      }
      case 'connect':
        this.source = streams.connect(node, effect.link, effect.address) ?? null;
        break;
      case 'linkSend':
        streams.send(node, 'link', effect.link, { bytes: effect.bytes, isCounted: false });
        break;
      case 'linkClose':
        streams.close(node, 'link', effect.link);
        break;
      case 'linkPause':
        streams.setReading(node, 'link', effect.link, false);
        break;
      case 'linkResume':
        streams.setReading(node, 'link', effect.link, true);
        break;
      case 'loadBegin':
        this.#loadBegin(effect);
        break;
      case 'loadChunk':
        this.#incoming?.chunks.push(effect.bytes);
        break;
      case 'loadEnd':
        this.#loadEnd(effect);
        break;
      case 'loadAbort':
        this.#loadAbort(effect);
        break;
      case 'streamBegin':
        this.#stream = new PrimaryStream();
        this.#receivedOffset = this.machine.offset;
        this.#db = effect.db;
        this.#group = null;
        break;
      case 'apply':
        this.#apply(effect);
        break;
      case 'streamEnd':
        this.#stream = null;
        this.#group = null;
        break;
      case 'notice':
        events.noticed(effect.notice);
        break;
      default:
        unreachable(effect);
    }
  }

  /** The machine asked for it, and still wants to hear that it is done. */
  #closedByUs(client: number): void {
    this.#decoders.delete(client);
    this.#step({ kind: 'clientClosed', client });
  }

  /** A step while effects are carried out. */
  #step(input: Exclude<ReplicationInput, { readonly kind: 'command' }>): void {
    this.#record(input);
    this.machine.step(this.#parts.clockMs(), input, this.#effects);
    this.#facts = null;
  }

  // ---- snapshots that are sent

  #startSnapshot({ snapshot, framing }: Effect<'startSnapshot'>): void {
    const bytes = this.data.snapshot();
    this.#outgoing = { number: snapshot, bytes, at: 0 };
    this.#step({ kind: 'snapshotStarted', snapshot });
    this.#parts.events.snapshotTaken(this.data, this.position);
    if (framing === 'length') {
      this.#step({ kind: 'snapshotLength', snapshot, bytes: bytes.length });
    }
    this.#later(SLICE_MS, () => this.#sendSlices(snapshot));
  }

  #sendSlices(snapshot: number): void {
    const outgoing = this.#outgoing;
    if (outgoing === null || outgoing.number !== snapshot) return;
    if (!this.machine.wantsSnapshot(snapshot)) return;
    const { bytes, at } = outgoing;
    const end = Math.min(bytes.length, at + SLICE_BYTES);
    outgoing.at = end;
    this.input({ kind: 'snapshotChunk', snapshot, bytes: bytes.subarray(at, end) });
    if (this.#outgoing !== outgoing) return;
    if (end === bytes.length) {
      this.#outgoing = null;
      this.input({ kind: 'snapshotEnd', snapshot });
    } else this.#later(SLICE_MS, () => this.#sendSlices(snapshot));
  }

  // ---- snapshots that arrive

  #loadBegin({ load, replaces }: Effect<'loadBegin'>): void {
    const replacesNow = replaces === 'now';
    this.#incoming = { load, chunks: [], replacesNow, isWhole: false };
    if (replacesNow) this.#dropData();
  }

  #dropData(): void {
    this.#setLoading(true);
    this.data.clear();
    this.#parts.events.replaced(this.data, null);
  }

  #loadEnd({ load }: Effect<'loadEnd'>): void {
    const incoming = this.#incoming;
    assert(incoming !== null && incoming.load === load, 'a load ends that did not begin');
    incoming.isWhole = true;
    // The old data go now; the new ones take their time.
    if (!incoming.replacesNow) this.#dropData();
    const bytes = joined(incoming.chunks);
    const delayMs = 1 + this.#parts.dice.below(20) + (bytes.length >> 12);
    this.#later(delayMs, () => {
      if (this.#incoming !== incoming) return;
      this.#incoming = null;
      this.#setLoading(false);
      if (!this.data.load(bytes)) {
        this.data.clear();
        this.input({ kind: 'loadFailed', load });
        return;
      }
      this.fullLoads++;
      this.#record({ kind: 'loaded', load, streamDb: 0 });
      this.machine.step(
        this.#parts.clockMs(),
        { kind: 'loaded', load, streamDb: 0 },
        this.#effects,
      );
      this.#facts = null;
      this.#parts.events.replaced(this.data, this.position);
      this.#settle();
    });
  }

  #loadAbort({ load }: Effect<'loadAbort'>): void {
    const incoming = this.#incoming;
    if (incoming === null || incoming.load !== load) return;
    this.#incoming = null;
    this.#setLoading(false);
  }

  /** In this life, and when the process runs. */
  #later(delayMs: number, run: () => void): void {
    this.#parts.after(delayMs, () => {
      if (!this.#isEnded) this.#parts.node.whenRunning(() => !this.#isEnded && run());
    });
  }

  // ---- the stream

  #apply({ bytes }: Effect<'apply'>): void {
    const stream = this.#stream;
    assert(stream !== null, 'bytes of no stream');
    const { events } = this.#parts;
    events.received({ id: this.machine.id, offset: this.#receivedOffset }, bytes);
    this.#receivedOffset += bytes.length;
    stream.push(bytes);
    while (stream.next()) {
      this.#executeStreamed(textsOf(stream.args));
      const count = stream.takeApplied();
      if (count === 0) continue;
      this.#parts.trace?.record({
        kind: 'applied',
        ...{ atMs: this.#parts.atMs(), node: this.#parts.node.index, bytes: count, db: this.#db },
      });
      this.machine.applied(count, this.#db);
      this.#facts = null;
      events.applied(this.data, this.position);
    }
  }

  #executeStreamed(words: readonly string[]): void {
    switch (words[0]) {
      case 'SELECT':
        this.#db = Number(words[1]);
        break;
      case 'PING':
        break;
      case 'REPLCONF':
        if (words[1].toUpperCase() === 'GETACK') this.#step({ kind: 'getack' });
        break;
      case 'MULTI':
        this.#group = [];
        break;
      case 'EXEC':
        for (const change of this.#group ?? []) this.data.apply(change);
        this.#group = null;
        break;
      default: {
        const change = changeOfCommand(words);
        assert(change !== null, `the stream has '${words[0]}'`);
        if (this.#group === null) this.data.apply(change);
        else this.#group.push(change);
      }
    }
  }

  #record(input: ReplicationRecordInput): void {
    const { hash, trace, node } = this.#parts;
    const atMs = this.#parts.atMs();
    hash.replicationInput(atMs, node.index, input);
    const nowMs = this.#parts.clockMs();
    trace?.record({ kind: 'replicationInput', atMs, node: node.index, nowMs, input });
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What a data file says; null: it is not whole. */
export function readDataFile(
  bytes: Uint8Array,
  data: DataSet,
): { readonly saved: SavedHistory | null } | null {
  const decoder = new CommandDecoder();
  decoder.push(bytes);
  if (!decoder.next()) return null;
  const words = textsOf(decoder);
  if (words[0] !== 'HISTORY') return null;
  const rest = encodeCommand(words).length;
  if (!data.load(bytes.subarray(rest))) return null;
  if (words.length < 4) return { saved: null };
  return { saved: { id: words[1], offset: Number(words[2]), streamDb: Number(words[3]) } };
}
