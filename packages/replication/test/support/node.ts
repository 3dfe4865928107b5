// A node around the machine, with the smallest data set that can be compared: the list of what was executed. It stands
// for the app: it answers the commands of a handshake, executes the stream, takes and loads snapshots.

import { seededRandom } from '@slotmesh/machine';
import { CommandDecoder, encodeCommand } from '@slotmesh/resp';
import {
  PrimaryStream,
  Replication,
  type ReplicationEffect,
  type ReplicationInput,
  type ReplicationNotice,
  type ReplicationOptions,
  type SavedHistory,
} from '../../src/index.ts';
import { argumentWords, bytes, commandArguments, text } from './bytes.ts';

/** What the node does outside of itself. */
export interface Surroundings {
  connect(node: TestNode, link: number, port: number): void;
  linkSend(node: TestNode, link: number, data: Uint8Array): void;
  linkClose(node: TestNode, link: number): void;
  linkPause(node: TestNode, link: number, isPaused: boolean): void;
  send(node: TestNode, client: number, data: Uint8Array, isCounted: boolean): void;
  close(node: TestNode, client: number): void;
  /** What was executed, or loaded, has been counted: whoever has the same id and offset has the same data. */
  check(node: TestNode): void;
  nowMs(): number;
}

/** What is saved: the data set, and what it says of its history. */
export interface Save {
  readonly history: SavedHistory | null;
  readonly data: readonly string[];
}

/** The format of snapshots. */
export interface SnapshotFormat {
  write(save: Save): Uint8Array;
  read(file: Uint8Array): Save;
}

const JSON_FORMAT: SnapshotFormat = {
  write: (save) => bytes(JSON.stringify(save)),
  read: (file) => JSON.parse(text(file)) as Save,
};

interface SnapshotRun {
  readonly number: number;
  readonly bytes: Uint8Array;
  at: number;
  readonly framing: 'eof' | 'length';
  hasLength: boolean;
}

const UNKEPT: ReadonlySet<string> = new Set(['PING', 'REPLCONF', 'SELECT', 'MULTI', 'EXEC']);

export class TestNode {
  readonly port: number;
  readonly surroundings: Surroundings;
  readonly format: SnapshotFormat;
  readonly notices: ReplicationNotice[] = [];
  readonly waits: { waiter: number; count: number; reason: string }[] = [];
  machine: Replication;
  /** What was executed, each with its database. */
  data: string[] = [];
  disk: Save = { history: null, data: [] };
  snapshot: SnapshotRun | null = null;
  /** A snapshot that is complete and is being loaded. */
  loading: number | null = null;
  #loadBytes: Uint8Array[] = [];
  #stream = new PrimaryStream();
  #db = 0;
  #transaction: string[] | null = null;
  #writes = 0;
  #starts = 0;
  #decoders = new Map<number, CommandDecoder>();
  #options: ReplicationOptions;
  #queue: ReplicationEffect[] = [];
  #isRunning = false;

  constructor(
    port: number,
    options: ReplicationOptions,
    surroundings: Surroundings,
    format: SnapshotFormat = JSON_FORMAT,
  ) {
    this.port = port;
    this.format = format;
    this.surroundings = surroundings;
    this.#options = { ...options, announcePort: port };
    this.machine = this.#newMachine(false);
  }

  #newMachine(startsAsReplica: boolean): Replication {
    return new Replication({
      options: this.#options,
      random: seededRandom(this.port, ++this.#starts),
      nowMs: this.surroundings.nowMs(),
      saved: this.disk.history,
      startsAsReplica,
    });
  }

  save(): void {
    this.disk = { history: this.machine.savedHistory(), data: [...this.data] };
  }

  /** Starts again with what was saved last. */
  restart(primaryPort: number | null): void {
    this.data = [...this.disk.data];
    this.snapshot = null;
    this.loading = null;
    this.#loadBytes = [];
    this.#decoders.clear();
    this.#queue = [];
    this.machine = this.#newMachine(primaryPort !== null);
    if (primaryPort !== null) this.follow(primaryPort);
    this.surroundings.check(this);
  }

  follow(port: number): void {
    this.step({ kind: 'follow', address: { host: '127.0.0.1', port } });
  }

  step(input: ReplicationInput): void {
    this.machine.step(this.surroundings.nowMs(), input, this.#queue);
    this.#run();
    this.machine.invariants();
  }

  settle(): void {
    this.machine.settle(this.surroundings.nowMs(), this.#queue);
    this.#run();
    this.machine.invariants();
  }

  /** A client's command, executed here if this is a primary. */
  write(db: number, ...words: string[]): void {
    if (!this.machine.isPrimary) return;
    this.#writes++;
    const command = words.length > 0 ? words : ['SET', `k${this.port}`, `${this.#writes}`];
    this.data.push(`${db}|${command.join(' ')}`);
    this.machine.appendCommand(db, commandArguments(...command));
    this.surroundings.check(this);
  }

  /** A transaction, as one piece of the stream. */
  writeTransaction(db: number, count: number): void {
    if (!this.machine.isPrimary) return;
    const commands = Array.from({ length: count }, () => ['INCR', `t${++this.#writes}`]);
    for (const command of commands) this.data.push(`${db}|${command.join(' ')}`);
    const all = [['MULTI'], ...commands, ['EXEC']].map((command) => encodeCommand(command));
    this.machine.append(db, new Uint8Array(Buffer.concat(all)));
    this.surroundings.check(this);
  }

  // ---- clients
  // -------------------------------------------------------------------------------------------

  receive(client: number, data: Uint8Array): void {
    let decoder = this.#decoders.get(client);
    if (decoder === undefined) {
      decoder = new CommandDecoder();
      this.#decoders.set(client, decoder);
    }
    if (this.machine.isReplicaClient(client)) this.step({ kind: 'clientActive', client });
    decoder.push(data);
    while (decoder.next()) {
      const name = argumentWords(decoder)[0].toUpperCase();
      if (name === 'PING') this.surroundings.send(this, client, bytes('+PONG\r\n'), false);
      else if (name === 'AUTH') this.surroundings.send(this, client, bytes('+OK\r\n'), false);
      else this.step({ kind: 'command', client, remoteHost: 'node', args: decoder });
    }
  }

  clientClosed(client: number): void {
    this.#decoders.delete(client);
    this.step({ kind: 'clientClosed', client });
  }

  // ---- snapshots
  // -------------------------------------------------------------------------------------------

  /** Feeds the machine some of the snapshot, if it may. */
  feedSnapshot(count: number): void {
    const run = this.snapshot;
    if (run === null) return;
    const snapshot = run.number;
    if (run.framing === 'length' && !run.hasLength) {
      run.hasLength = true;
      this.step({ kind: 'snapshotLength', snapshot, bytes: run.bytes.length });
      return;
    }
    if (!this.machine.wantsSnapshot(snapshot)) return;
    if (run.at < run.bytes.length) {
      const chunk = run.bytes.slice(run.at, run.at + count);
      run.at += chunk.length;
      this.step({ kind: 'snapshotChunk', snapshot, bytes: chunk });
    } else {
      this.snapshot = null;
      this.step({ kind: 'snapshotEnd', snapshot });
    }
  }

  finishLoading(isGood: boolean): void {
    const load = this.loading;
    if (load === null) return;
    this.loading = null;
    const file = new Uint8Array(Buffer.concat(this.#loadBytes));
    this.#loadBytes = [];
    if (!isGood) {
      this.data = [];
      this.step({ kind: 'loadFailed', load });
      return;
    }
    const { data, history } = this.format.read(file);
    this.data = [...data];
    this.step({ kind: 'loaded', load, streamDb: history?.streamDb ?? 0 });
    this.surroundings.check(this);
  }

  // ---- effects
  // -------------------------------------------------------------------------------------------

  /** Carries out what is queued, in its order; what that leads to comes after it. */
  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let effect = this.#queue.shift(); effect !== undefined; effect = this.#queue.shift()) {
      this.#carryOut(effect);
    }
    this.#isRunning = false;
  }

  #carryOut(effect: ReplicationEffect): void {
    const { surroundings } = this;
    switch (effect.kind) {
      case 'connect':
        surroundings.connect(this, effect.link, effect.address.port);
        break;
      case 'linkSend':
        surroundings.linkSend(this, effect.link, effect.bytes);
        break;
      case 'linkClose':
        surroundings.linkClose(this, effect.link);
        break;
      case 'linkPause':
      case 'linkResume':
        surroundings.linkPause(this, effect.link, effect.kind === 'linkPause');
        break;
      case 'reply':
      case 'send':
        surroundings.send(this, effect.client, effect.bytes, effect.kind === 'send');
        break;
      case 'close':
        surroundings.close(this, effect.client);
        break;
      case 'startSnapshot': {
        const save: Save = { history: this.machine.savedHistory(), data: this.data };
        const { snapshot: number, framing } = effect;
        const file = this.format.write(save);
        this.snapshot = { number, bytes: file, at: 0, framing, hasLength: false };
        this.step({ kind: 'snapshotStarted', snapshot: number });
        break;
      }
      case 'cancelSnapshot':
        if (this.snapshot?.number === effect.snapshot) this.snapshot = null;
        break;
      case 'snapshotResume':
        break;
      case 'waitDone':
        this.waits.push({ waiter: effect.waiter, count: effect.count, reason: effect.reason });
        break;
      case 'loadBegin':
        this.#loadBytes = [];
        if (effect.replaces === 'now') this.data = [];
        break;
      case 'loadChunk':
        this.#loadBytes.push(effect.bytes);
        break;
      case 'loadEnd':
        this.loading = effect.load;
        this.data = [];
        break;
      case 'loadAbort':
        this.loading = null;
        this.#loadBytes = [];
        break;
      case 'streamBegin':
        this.#stream = new PrimaryStream();
        this.#transaction = null;
        this.#db = effect.db;
        break;
      case 'apply':
        this.#apply(effect.bytes);
        break;
      case 'streamEnd':
        this.#stream = new PrimaryStream();
        this.#transaction = null;
        break;
      case 'notice':
        this.notices.push(effect.notice);
        break;
      default: {
        const never: never = effect;
        throw new Error(`unknown effect ${JSON.stringify(never)}`);
      }
    }
  }

  #apply(data: Uint8Array): void {
    const stream = this.#stream;
    stream.push(data);
    while (stream.next()) {
      this.#execute(argumentWords(stream.args));
      const count = stream.takeApplied();
      if (count === 0) continue;
      this.machine.applied(count, this.#db);
      this.surroundings.check(this);
    }
    const rest = stream.takeApplied();
    if (rest > 0) this.machine.applied(rest, this.#db);
  }

  #execute(words: string[]): void {
    const name = words[0].toUpperCase();
    if (name === 'MULTI') {
      this.#transaction = [];
    } else if (name === 'EXEC') {
      this.data.push(...(this.#transaction ?? []));
      this.#transaction = null;
    } else if (name === 'SELECT') {
      this.#db = Number(words[1]);
    } else if (name === 'REPLCONF' && words[1].toUpperCase() === 'GETACK') {
      this.step({ kind: 'getack' });
    }
    if (UNKEPT.has(name)) return;
    (this.#transaction ?? this.data).push(`${this.#db}|${words.join(' ')}`);
  }

  describe(): string {
    return `${this.port} ${this.machine.describe()} data=${this.data.length} ${text(
      this.loading === null ? new Uint8Array(0) : bytes('loading'),
    )}`;
  }
}
