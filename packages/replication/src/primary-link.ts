// This node as a replica: the link to its primary, from connecting to the stream (the handshake of Redis 7.0: PING,
// AUTH, REPLCONF, PSYNC, then a snapshot or `+CONTINUE`).
//
// A stream's bytes count when they are applied, not when they arrive: a command or a transaction that a broken link has
// cut was never there, and the next link begins before it. Applied bytes go into our own log as they are, for replicas
// of ours and for the day that we are promoted.

import { assert, type Millis, unreachable } from '@slotmesh/machine';
import { encodeCommand, encodeCommands } from '@slotmesh/resp';
import { type Bulk, parseBulkHeader } from './bulk.ts';
import type { Context } from './context.ts';
import type { LinkDrop, PrimaryAddress } from './contract.ts';
import { KEEP_ALIVE_MS, LOADING_BYTES_MAX, UNAPPLIED_BYTES_MAX } from './limits.ts';
import { LineReader } from './line-reader.ts';
import type { ReplicaTable } from './replica-table.ts';
import { asciiBytes, parseInteger } from './text.ts';
import { UnappliedBytes } from './unapplied.ts';

const NEWLINE = asciiBytes('\n');

/**
 * `none`: this node is a primary. `connect`: the next attempt is to come. `ping`, `handshake`, `psync`: a reply is
 * awaited. `transfer`: the snapshot arrives. `loading`: it is all there, and being loaded.
 */
export type LinkState =
  | 'none'
  | 'connect'
  | 'connecting'
  | 'ping'
  | 'handshake'
  | 'psync'
  | 'transfer'
  | 'loading'
  | 'connected';

/** A full synchronization under way. */
interface FullSync {
  /** What the primary said of it; null after SYNC, which says nothing. */
  readonly id: string | null;
  readonly offset: number;
  /** Null until its first line has come. */
  bulk: Bulk | null;
  load: number;
  replaces: 'now' | 'atEnd';
}

export class PrimaryLink {
  state: LinkState = 'none';
  address: PrimaryAddress | null = null;
  /** When bytes last came from the primary, or the attempt to reach it began. */
  lastIoMs: Millis = 0;
  /** Since when there is no stream; null while there is one, and before there ever was one. */
  downSinceMs: Millis | null = null;
  /** Whether the data set is, or was lately, that of the primary that is followed now. */
  isSynced = false;
  /** Whether the data set has a history that another node may know: the primary may have what follows. */
  canContinue = false;
  readonly unapplied: UnappliedBytes = new UnappliedBytes();
  readonly #context: Context;
  readonly #table: ReplicaTable;
  readonly #lines = new LineReader();
  /** Our connection, or 0. */
  #link = 0;
  #linksMade = 0;
  #loadsMade = 0;
  #attemptMs: Millis = 0;
  /** The options whose replies are still to come. */
  #asked: string[] = [];
  #sync: FullSync | null = null;
  /** The stream has a history with an id: it is acknowledged. */
  #acknowledges = true;
  #wantsAck = false;
  #ackMs: Millis = 0;
  #newlineMs: Millis = 0;
  /** What came while the snapshot was loaded. */
  #early: Uint8Array[] = [];
  #earlyBytes = 0;

  constructor(context: Context, table: ReplicaTable) {
    this.#context = context;
    this.#table = table;
  }

  // ---- orders
  // ------------------------------------------------------------------------------------------------------------

  /** `canContinue`: the history at hand is counted, so that the new primary may know it. */
  follow(address: PrimaryAddress, canContinue: boolean): void {
    if (this.state === 'none') this.canContinue = canContinue;
    else this.#end('newPrimary', '');
    this.address = address;
    this.isSynced = false;
    this.state = 'connect';
    this.#connect();
  }

  followNobody(): void {
    this.#end('newPrimary', '');
    this.state = 'none';
    this.address = null;
    this.downSinceMs = null;
    this.isSynced = false;
  }

  // ---- the connection
  // ------------------------------------------------------------------------------------------------------------

  #connect(): void {
    const { nowMs } = this.#context;
    assert(this.address !== null && this.#link === 0, 'no primary to connect to');
    this.#link = ++this.#linksMade;
    this.#attemptMs = nowMs;
    this.lastIoMs = nowMs;
    this.state = 'connecting';
    this.#lines.clear();
    this.#context.push({ kind: 'connect', link: this.#link, address: this.address });
  }

  up(link: number): void {
    if (link !== this.#link || this.state !== 'connecting') return;
    this.lastIoMs = this.#context.nowMs;
    this.state = 'ping';
    this.#send(encodeCommand(['PING']));
  }

  down(link: number): void {
    if (link !== this.#link) return;
    this.#link = 0;
    this.#fail('closed', '');
  }

  data(link: number, bytes: Uint8Array): void {
    if (link !== this.#link) return;
    this.lastIoMs = this.#context.nowMs;
    let at = 0;
    while (at >= 0 && at < bytes.length && link === this.#link) {
      if (this.state === 'connected') {
        this.#stream(at === 0 ? bytes : bytes.subarray(at));
        return;
      }
      if (this.state === 'loading') {
        this.#keepEarly(bytes.subarray(at));
        return;
      }
      const bulk = this.#sync?.bulk ?? null;
      at = bulk === null ? this.#readLine(bytes, at) : this.#takeBulk(bulk, bytes, at);
    }
  }

  /** Reads a line and handles it; returns where reading goes on. */
  #readLine(bytes: Uint8Array, at: number): number {
    const { line, next } = this.#lines.read(bytes, at);
    if (next < 0) this.#fail('badProtocol', '');
    else if (line !== null) this.#onLine(line);
    return next;
  }

  #onLine(line: string): void {
    switch (this.state) {
      case 'ping':
        this.#onPingReply(line);
        break;
      case 'handshake':
        this.#onHandshakeReply(line);
        break;
      case 'psync':
        this.#onPsyncReply(line);
        break;
      case 'transfer':
        this.#onBulkHeader(line);
        break;
      case 'none':
      case 'connect':
      case 'connecting':
        this.#fail('badProtocol', line);
        break;
      case 'loading':
      case 'connected':
        assert(false, 'a stream has no lines');
        break;
      default:
        unreachable(this.state);
    }
  }

  #onPingReply(line: string): void {
    // What a server answers to a stranger that has a password to give.
    const isAlive = /^(\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(line);
    if (!isAlive) {
      this.#fail('refused', line);
      return;
    }
    const { user, password, announcePort, announceHost, announceNodeId } = this.#context.options;
    const commands: string[][] = [];
    this.#asked = [];
    const ask = (option: string, ...args: string[]): void => {
      this.#asked.push(option);
      commands.push(args);
    };
    if (password !== null) ask('AUTH', 'AUTH', ...(user === null ? [] : [user]), password);
    ask('listening-port', 'REPLCONF', 'listening-port', String(announcePort));
    if (announceHost !== null) ask('ip-address', 'REPLCONF', 'ip-address', announceHost);
    ask('capa', 'REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    if (announceNodeId !== null) {
      ask('set-cluster-node-id', 'REPLCONF', 'set-cluster-node-id', announceNodeId);
    }
    this.state = 'handshake';
    this.#send(encodeCommands(commands));
  }

  #onHandshakeReply(line: string): void {
    const option = this.#asked.shift() ?? '';
    if (line.startsWith('-')) {
      if (option === 'AUTH') {
        this.#fail('refused', line);
        return;
      }
      // An older primary; it is enough that it streams.
      this.#context.notice({ kind: 'primaryRefusedOption', option, reply: line });
    }
    if (this.#asked.length > 0) return;
    const { id, offset } = this.#context.history;
    this.state = 'psync';
    this.#send(
      encodeCommand(this.canContinue ? ['PSYNC', id, String(offset + 1)] : ['PSYNC', '?', '-1']),
    );
  }

  #onPsyncReply(line: string): void {
    if (line === '') return;
    if (line.startsWith('+FULLRESYNC')) {
      const [, id, digits] = /^\+FULLRESYNC ([0-9a-fA-F]{40}) (\d+)$/.exec(line) ?? [];
      const offset = digits === undefined ? undefined : parseInteger(digits);
      if (offset === undefined || offset > Number.MAX_SAFE_INTEGER) this.#fail('badProtocol', line);
      else this.#beginFullSync(id.toLowerCase(), offset);
    } else if (line.startsWith('+CONTINUE')) {
      this.#continue(line);
    } else if (line.startsWith('-NOMASTERLINK') || line.startsWith('-LOADING')) {
      this.#fail('retryLater', line);
    } else {
      this.#context.notice({ kind: 'primaryRefusedOption', option: 'PSYNC', reply: line });
      this.#beginFullSync(null, 0);
      this.#send(asciiBytes('SYNC\r\n'));
    }
  }

  #continue(line: string): void {
    // Nobody may go on with what was not asked for.
    if (!this.canContinue) {
      this.#fail('badProtocol', line);
      return;
    }
    const { history, options } = this.#context;
    const id = line.slice('+CONTINUE '.length).toLowerCase();
    if (/^[0-9a-f]{40}$/.test(id) && id !== history.id) {
      history.rename(id);
      // Replicas of ours have to learn the new id.
      this.#table.dropAll();
    }
    if (history.log === null) history.openLog(options.backlogBytes, false);
    this.#context.notice({
      kind: 'partialSyncAccepted',
      id: history.id,
      offset: history.offset,
    });
    this.#acknowledges = true;
    this.#beginStream();
  }

  // ---- a full synchronization
  // ------------------------------------------------------------------------------------------------------------

  #beginFullSync(id: string | null, offset: number): void {
    this.#context.notice({ kind: 'fullSyncStarted', id: id ?? '', offset });
    this.state = 'transfer';
    this.#sync = { id, offset, bulk: null, load: 0, replaces: 'atEnd' };
  }

  #onBulkHeader(line: string): void {
    // Empty lines keep us patient while the primary takes its snapshot.
    if (line === '') return;
    const sync = this.#sync;
    assert(sync !== null, 'a transfer without a beginning');
    const bulk = parseBulkHeader(line);
    if (bulk === null) {
      this.#fail(line.startsWith('-') ? 'refused' : 'badProtocol', line);
      return;
    }
    sync.bulk = bulk;
    sync.load = ++this.#loadsMade;
    sync.replaces = this.#context.options.disklessLoad ? 'now' : 'atEnd';
    if (sync.replaces === 'now') this.#giveUpHistory();
    const { load, replaces } = sync;
    this.#context.push({ kind: 'loadBegin', load, sizeBytes: bulk.sizeBytes, replaces });
    if (bulk.sizeBytes === 0) this.#endBulk(sync);
  }

  /** The data set goes; and with it everything that was true of it, for our replicas too. */
  #giveUpHistory(): void {
    this.canContinue = false;
    this.isSynced = false;
    this.unapplied.clear();
    this.#table.dropAll();
    this.#context.history.forget();
  }

  #takeBulk(bulk: Bulk, bytes: Uint8Array, at: number): number {
    const sync = this.#sync;
    assert(sync !== null, 'a snapshot without a beginning');
    const { load } = sync;
    const next = bulk.take(bytes, at, (part) => {
      this.#context.push({ kind: 'loadChunk', load, bytes: part });
    });
    if (next >= 0) this.#endBulk(sync);
    return next;
  }

  #endBulk({ load, replaces }: FullSync): void {
    if (replaces === 'atEnd') this.#giveUpHistory();
    this.state = 'loading';
    this.#newlineMs = this.#context.nowMs;
    this.#context.push({ kind: 'linkPause', link: this.#link });
    this.#context.push({ kind: 'loadEnd', load });
  }

  #keepEarly(bytes: Uint8Array): void {
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    // The snapshot is good without them; the link can be made again.
    if (this.#earlyBytes > LOADING_BYTES_MAX) this.#closeLink('overrun', '');
  }

  loaded(load: number, streamDb: number): void {
    const sync = this.#sync;
    if (this.state !== 'loading' || sync?.load !== load) return;
    const { history, options, nowMs } = this.#context;
    const { id, offset, bulk } = sync;
    this.#sync = null;
    history.adopt(id, offset, streamDb);
    history.openLog(options.backlogBytes, false);
    this.canContinue = id !== null;
    this.#acknowledges = id !== null;
    this.isSynced = true;
    this.#context.notice({ kind: 'fullSyncFinished', id: history.id, offset });
    const early = this.#early;
    this.#dropEarly();
    if (this.#link === 0) {
      this.downSinceMs = nowMs;
      this.state = 'connect';
      this.#connect();
      return;
    }
    this.#context.push({ kind: 'linkResume', link: this.#link });
    this.#beginStream();
    // The primary sends nothing after an end mark until it hears that the mark was found.
    if (bulk?.sizeBytes === null) this.#sendAck();
    for (const bytes of early) this.#stream(bytes);
  }

  loadFailed(load: number): void {
    const sync = this.#sync;
    if (sync === null || sync.bulk === null || sync.load !== load) return;
    if (this.state !== 'loading' && this.state !== 'transfer') return;
    this.#sync = null;
    this.#fail('loadFailed', '');
  }

  #dropEarly(): void {
    this.#early = [];
    this.#earlyBytes = 0;
  }

  // ---- the stream
  // ------------------------------------------------------------------------------------------------------------

  #beginStream(): void {
    const { nowMs, history } = this.#context;
    this.state = 'connected';
    this.isSynced = true;
    this.downSinceMs = null;
    this.#ackMs = nowMs;
    this.#wantsAck = false;
    this.unapplied.clear();
    this.#context.push({ kind: 'streamBegin', db: Math.max(history.db, 0) });
  }

  #stream(bytes: Uint8Array): void {
    this.unapplied.push(bytes);
    this.#context.push({ kind: 'apply', bytes });
    if (this.unapplied.length > UNAPPLIED_BYTES_MAX) this.#fail('overrun', '');
  }

  /**
   * The next `count` bytes have been applied, and the stream is in database `db` after them. They may be of a stream
   * that has ended meanwhile: they were executed, so they count.
   */
  applied(count: number, db: number): void {
    const { history, isPrimary } = this.#context;
    const { log } = history;
    assert(log !== null, 'bytes applied without a history');
    this.unapplied.moveTo(log, count);
    if (!isPrimary) history.db = db;
  }

  askAck(): void {
    this.#wantsAck = true;
  }

  settle(): void {
    if (this.#wantsAck && this.state === 'connected') this.#sendAck();
    this.#wantsAck = false;
  }

  #sendAck(): void {
    this.#ackMs = this.#context.nowMs;
    const { offset } = this.#context.history;
    this.#send(encodeCommand(['REPLCONF', 'ACK', String(offset)]));
  }

  // ---- time
  // ------------------------------------------------------------------------------------------------------------

  tick(): void {
    const { nowMs, options } = this.#context;
    switch (this.state) {
      case 'none':
        break;
      case 'connect':
        if (nowMs - this.#attemptMs >= options.reconnectMs) this.#connect();
        break;
      case 'loading':
        if (this.#link !== 0 && nowMs - this.#newlineMs >= KEEP_ALIVE_MS) {
          this.#newlineMs = nowMs;
          this.#send(NEWLINE);
        }
        break;
      case 'connected':
      case 'connecting':
      case 'ping':
      case 'handshake':
      case 'psync':
      case 'transfer':
        if (nowMs - this.lastIoMs > options.timeoutMs) this.#fail('timeout', '');
        else if (this.state === 'connected' && this.#acknowledges) this.#tickAck();
        break;
      default:
        unreachable(this.state);
    }
  }

  #tickAck(): void {
    if (this.#context.nowMs - this.#ackMs >= KEEP_ALIVE_MS) this.#sendAck();
  }

  // ---- endings
  // ------------------------------------------------------------------------------------------------------------

  /** Gives the link up and tries again: at once where a stream broke, for the backlog does not wait; else later. */
  #fail(why: LinkDrop, reply: string): void {
    if (this.state === 'loading' && this.#sync !== null) {
      // All of the snapshot is here: it will be loaded, and another link goes on from there.
      this.#closeLink(why, reply);
      return;
    }
    const wasConnected = this.state === 'connected';
    this.#end(why, reply);
    this.state = 'connect';
    if (wasConnected) this.#connect();
  }

  #closeLink(why: LinkDrop, reply: string): void {
    this.#dropEarly();
    this.#asked = [];
    this.#context.notice({ kind: 'linkDropped', why, reply });
    if (this.#link === 0) return;
    this.#context.push({ kind: 'linkClose', link: this.#link });
    this.#link = 0;
  }

  /** The link, and what was under way on it. */
  #end(why: LinkDrop, reply: string): void {
    const { state } = this;
    const sync = this.#sync;
    this.#sync = null;
    if (sync !== null && sync.bulk !== null) {
      this.#context.push({ kind: 'loadAbort', load: sync.load });
    }
    if (state === 'connected') {
      this.downSinceMs = this.#context.nowMs;
      this.#context.push({ kind: 'streamEnd' });
    }
    if (state !== 'connect' && state !== 'none') this.#closeLink(why, reply);
  }

  #send(bytes: Uint8Array): void {
    this.#context.push({ kind: 'linkSend', link: this.#link, bytes });
  }

  /** The snapshot that is arriving or being loaded: its size if that is known, and how much has come. */
  get transfer(): { readonly sizeBytes: number | null; readonly receivedBytes: number } | null {
    if (this.state !== 'transfer' && this.state !== 'loading') return null;
    const bulk = this.#sync?.bulk ?? null;
    return { sizeBytes: bulk?.sizeBytes ?? null, receivedBytes: bulk?.receivedBytes ?? 0 };
  }

  invariants(): void {
    const { state } = this;
    assert((state === 'none') === (this.address === null), `${state}, and a primary or none`);
    assert((state === 'none') === this.#context.isPrimary, `${state}, and the other role`);
    const mayLack = state === 'none' || state === 'connect' || state === 'loading';
    assert(mayLack || this.#link !== 0, `${state}, without a link`);
    assert(this.#link === 0 || !(state === 'none' || state === 'connect'), `${state}, with a link`);
    const isSyncing = state === 'transfer' || state === 'loading';
    assert(isSyncing === (this.#sync !== null), `${state}, and a transfer or none`);
    assert(state !== 'connected' || this.#context.history.log !== null, 'a stream without a log');
  }
}
