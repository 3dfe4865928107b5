// The snapshot that a full synchronization begins with: one at a time, for all replicas that wait for the same content.
//
// The app takes it, and says when: what was appended before is in it, what is appended afterwards follows it. Replicas
// that understand an end mark get the bytes as they come (repl-diskless-sync); others must be told the length first, so
// the app keeps the bytes aside until it knows it. All replicas of a snapshot get each chunk at the same time; the app
// is held up by the slowest of them, and a replica that stands still for the time of repl-timeout is dropped.

import { assert } from '@slotmesh/machine';
import type { Context } from './context.ts';
import type { SnapshotContent } from './contract.ts';
import { NO_DB } from './history.ts';
import { SEND_WINDOW_BYTES } from './limits.ts';
import { sendBytes } from './outflow.ts';
import { type Replica, sameContent } from './replica.ts';
import type { ReplicaTable } from './replica-table.ts';
import { randomId } from './replication-id.ts';
import { asciiBytes, errorReply } from './text.ts';

/** `asked`: not taken yet. `taken`: its length is to come. `sending`: chunks are. */
type Stage = 'asked' | 'taken' | 'sending';

interface Snapshot {
  readonly number: number;
  readonly framing: 'eof' | 'length';
  readonly content: SnapshotContent;
  readonly replicas: Set<Replica>;
  stage: Stage;
  /** The history that it is of, as it was when it was taken. */
  id: string;
  offset: number;
  /** The mark after the last byte; '' with a length. */
  readonly mark: string;
  lengthBytes: number;
  sentBytes: number;
  /** The app was told to wait. */
  isHeld: boolean;
}

export class Snapshots {
  readonly #context: Context;
  readonly #table: ReplicaTable;
  #current: Snapshot | null = null;
  #number = 0;

  constructor(context: Context, table: ReplicaTable) {
    this.#context = context;
    this.#table = table;
  }

  get current(): { readonly number: number; readonly framing: 'eof' | 'length' } | null {
    return this.#current;
  }

  /** Whether the replica is sent newlines: nothing else keeps it patient. */
  needsNewline(replica: Replica): boolean {
    if (replica.state === 'waitStart') return true;
    return replica.state === 'waitEnd' && this.#current?.framing === 'length';
  }

  /** A replica has asked for a full synchronization. */
  enlist(replica: Replica): void {
    replica.state = 'waitStart';
    replica.waitingSinceMs = this.#context.nowMs;
    const current = this.#current;
    if (current !== null && this.#canJoin(replica, current)) {
      current.replicas.add(replica);
      if (current.stage === 'taken') this.#setUp(replica, current);
      return;
    }
    const { disklessSync, disklessSyncDelayMs } = this.#context.options;
    if (!disklessSync || !replica.canEof || disklessSyncDelayMs === 0) this.startPending(true);
  }

  /** One that came while nothing of the snapshot was sent can have it, if the stream since then is still there. */
  #canJoin(replica: Replica, current: Snapshot): boolean {
    if (!sameContent(replica.content, current.content)) return false;
    if (current.stage === 'asked') return current.framing === 'length' || replica.canEof;
    if (current.framing !== 'length') return false;
    const { history } = this.#context;
    if (current.stage !== 'taken' || history.id !== current.id || history.log === null)
      return false;
    return replica.isSnapshotOnly || history.log.first <= current.offset + 1;
  }

  /** Begins a snapshot for those that have waited long enough, and for all that can share it. */
  startPending(isAtOnce: boolean): void {
    if (this.#current !== null) return;
    const waiting = this.#table.attached.filter(({ state }) => state === 'waitStart');
    if (waiting.length === 0) return;
    const { content } = waiting[0];
    const replicas = waiting.filter((replica) => sameContent(replica.content, content));
    const { options, nowMs } = this.#context;
    const { disklessSync, disklessSyncReplicasMax, disklessSyncDelayMs } = options;
    const since = Math.min(...replicas.map(({ waitingSinceMs }) => waitingSinceMs));
    const isEnough = disklessSyncReplicasMax > 0 && replicas.length >= disklessSyncReplicasMax;
    const isDue = !disklessSync || isEnough || nowMs - since >= disklessSyncDelayMs;
    if (!isAtOnce && !isDue) return;
    const isPartial = !content.data || !content.functions;
    const canEof = replicas.every((replica) => replica.canEof);
    const framing = (disklessSync || isPartial) && canEof ? 'eof' : 'length';
    const number = ++this.#number;
    this.#current = {
      number,
      framing,
      content,
      replicas: new Set(replicas),
      stage: 'asked',
      id: '',
      offset: 0,
      mark: framing === 'eof' ? randomId(this.#context.random) : '',
      lengthBytes: 0,
      sentBytes: 0,
      isHeld: false,
    };
    this.#context.push({ kind: 'startSnapshot', snapshot: number, framing, content });
  }

  /** The snapshot if it is the one that is under way; the app may be late with one that was cancelled. */
  #get(number: number): Snapshot | null {
    return this.#current?.number === number ? this.#current : null;
  }

  started(number: number): void {
    const current = this.#get(number);
    if (current === null) return;
    assert(current.stage === 'asked', `snapshot ${number} is started twice`);
    const { history } = this.#context;
    current.id = history.id;
    current.offset = history.offset;
    current.stage = 'taken';
    for (const replica of current.replicas) this.#setUp(replica, current);
    if (current.framing === 'eof') this.#sendHeader(current, `$EOF:${current.mark}\r\n`);
  }

  #setUp(replica: Replica, { id, offset }: Snapshot): void {
    const { history } = this.#context;
    replica.state = 'waitEnd';
    replica.sentOffset = offset;
    replica.streamOffset = offset;
    // The replica need not know which database is selected: the next command says so. A stream that we pass on is not
    // ours to change; there the replica begins in the database that its snapshot names.
    if (this.#context.isPrimary) history.db = NO_DB;
    this.#table.holdLog();
    if (!replica.isPrePsync) {
      this.#context.reply(replica.client, `+FULLRESYNC ${id} ${offset}\r\n`);
    }
  }

  lengthKnown(number: number, bytes: number): void {
    const current = this.#get(number);
    if (current === null) return;
    assert(
      current.framing === 'length' && current.stage === 'taken',
      `snapshot ${number} needs no length now`,
    );
    current.lengthBytes = bytes;
    this.#sendHeader(current, `$${bytes}\r\n`);
    for (const replica of current.replicas) replica.state = 'sendBulk';
  }

  #sendHeader(current: Snapshot, header: string): void {
    current.stage = 'sending';
    const bytes = asciiBytes(header);
    for (const replica of current.replicas) sendBytes(this.#context, replica, bytes);
  }

  chunk(number: number, bytes: Uint8Array): void {
    const current = this.#get(number);
    if (current === null) return;
    assert(current.stage === 'sending', `snapshot ${number} has chunks before they were asked for`);
    current.sentBytes += bytes.length;
    if (current.framing === 'length') {
      assert(
        current.sentBytes <= current.lengthBytes,
        `snapshot ${number} is longer than was said`,
      );
    }
    for (const replica of current.replicas) sendBytes(this.#context, replica, bytes);
    current.isHeld = !this.wants(number);
  }

  /** Whether the app may go on with the snapshot: while every replica's socket takes what it is given. */
  wants(number: number): boolean {
    const current = this.#get(number);
    if (current === null) return false;
    for (const replica of current.replicas) {
      if (replica.inFlightBytes >= SEND_WINDOW_BYTES) return false;
    }
    return true;
  }

  /** Bytes have left, or a replica has gone. */
  resume(): void {
    const current = this.#current;
    if (current === null || !current.isHeld || !this.wants(current.number)) return;
    current.isHeld = false;
    this.#context.push({ kind: 'snapshotResume', snapshot: current.number });
  }

  ended(number: number): void {
    const current = this.#get(number);
    if (current === null) return;
    assert(current.stage === 'sending', `snapshot ${number} has ended before it began`);
    if (current.framing === 'length') {
      assert(
        current.sentBytes === current.lengthBytes,
        `snapshot ${number} is shorter than was said`,
      );
    }
    this.#current = null;
    const mark = asciiBytes(current.mark);
    for (const replica of current.replicas) {
      if (mark.length > 0) sendBytes(this.#context, replica, mark);
      replica.startsOnAck = mark.length > 0;
      this.#putOnline(replica);
    }
    this.startPending(false);
  }

  #putOnline(replica: Replica): void {
    replica.state = 'online';
    replica.ackMs = this.#context.nowMs;
    if (!replica.isSnapshotOnly) {
      this.#context.notice({ kind: 'replicaOnline', client: replica.client });
    } else if (!replica.startsOnAck) {
      this.#table.drop(replica, 'snapshotOnly');
    }
  }

  /** The first ack of a replica whose snapshot had an end mark: it has found the mark. */
  acked(replica: Replica): void {
    if (replica.state !== 'online' || !replica.startsOnAck) return;
    replica.startsOnAck = false;
    if (replica.isSnapshotOnly) this.#table.drop(replica, 'snapshotOnly');
  }

  failed(number: number): void {
    const current = this.#get(number);
    if (current === null) return;
    this.#current = null;
    for (const replica of current.replicas) {
      if (replica.state === 'waitStart') {
        this.#context.reply(
          replica.client,
          errorReply("BGSAVE failed, replication can't continue"),
        );
      }
      this.#table.drop(replica, 'snapshotFailed');
    }
  }

  /** Replicas have gone; the last one takes the snapshot along. */
  removed(): void {
    this.#table.hasRemoved = false;
    const current = this.#current;
    if (current === null) return;
    for (const replica of current.replicas) {
      if (replica.state === 'idle') current.replicas.delete(replica);
    }
    if (current.replicas.size > 0) {
      this.resume();
      return;
    }
    this.#current = null;
    this.#context.push({ kind: 'cancelSnapshot', snapshot: current.number });
  }

  invariants(): void {
    const current = this.#current;
    const inSnapshot = (replica: Replica): boolean => current?.replicas.has(replica) ?? false;
    for (const replica of this.#table.attached) {
      const isServed = replica.state === 'waitEnd' || replica.state === 'sendBulk';
      assert(!isServed || inSnapshot(replica), `replica ${replica.client}: its snapshot is gone`);
      assert(
        replica.state !== 'online' || !inSnapshot(replica),
        `replica ${replica.client}: online, and its snapshot is not over`,
      );
    }
  }
}
