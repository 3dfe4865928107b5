// Replicas of this node: what they ask for and get. A node that is a replica itself serves replicas as well; they get
// the stream of its primary, byte for byte, so that they can go on with any node of the same history.

import { assert } from '@slotmesh/machine';
import type { Arguments } from '@slotmesh/resp';
import type { Context } from './context.ts';
import type { ReplicationInput } from './contract.ts';
import { KEEP_ALIVE_MS } from './limits.ts';
import { flushStreams } from './outflow.ts';
import { replconf } from './replconf.ts';
import type { Replica } from './replica.ts';
import { ReplicaTable } from './replica-table.ts';
import { Snapshots } from './snapshot.ts';
import { argumentText, asciiBytes, errorReply, parseInteger } from './text.ts';
import { Waits } from './waits.ts';

const PING = asciiBytes('*1\r\n$4\r\nPING\r\n');
const GETACK = asciiBytes('*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n');
const NEWLINE = asciiBytes('\n');

type CommandInput = Extract<ReplicationInput, { kind: 'command' }>;

/** What the machine as a whole does for a request of a client. */
export interface PrimarySideParts {
  /** Whether the stream of our own primary is there to be passed on. */
  isLinkConnected(): boolean;
  /** `PSYNC id offset FAILOVER` from our primary: it wants us in its place. */
  promote(): void;
}

export class PrimarySide {
  readonly table: ReplicaTable;
  readonly snapshots: Snapshots;
  readonly waits: Waits;
  /** Full synchronizations begun, partial ones granted, and those refused: `sync_full` and so on in INFO. */
  fullSyncs = 0;
  partialSyncs = 0;
  partialSyncsRefused = 0;
  isPaused = false;
  readonly #context: Context;
  readonly #parts: PrimarySideParts;
  #pingedMs: number;
  #newlineMs: number;

  constructor(context: Context, parts: PrimarySideParts) {
    this.#context = context;
    this.#parts = parts;
    this.table = new ReplicaTable(context);
    this.snapshots = new Snapshots(context, this.table);
    this.waits = new Waits(context, this.table);
    this.#pingedMs = context.nowMs;
    this.#newlineMs = context.nowMs;
  }

  command(input: CommandInput): void {
    const { client, args, remoteHost } = input;
    const name = argumentText(args, 0).toLowerCase();
    const replica = this.table.open(client, remoteHost);
    if (replica === undefined) {
      this.#context.reply(client, errorReply('max number of replicas reached'));
      return;
    }
    switch (name) {
      case 'replconf':
        replconf(replica, args, {
          ack: (offset) => this.ack(client, offset),
          reply: (bytes) => this.#context.reply(client, bytes),
        });
        break;
      case 'sync':
      case 'psync':
        this.#sync(replica, name === 'psync' ? args : null, input.hasPendingOutput ?? false);
        break;
      default:
        assert(false, `'${name}' is no command of replication`);
    }
  }

  /** SYNC (`args` is null) or PSYNC. */
  #sync(replica: Replica, args: Arguments | null, hasPendingOutput: boolean): void {
    // What comes twice is ignored, as in Redis.
    if (replica.state !== 'idle') return;
    const refusal = this.#refusal(replica, args, hasPendingOutput);
    if (refusal !== null) {
      this.#context.reply(replica.client, errorReply(refusal));
      return;
    }
    if (args === null) {
      replica.isPrePsync = true;
    } else {
      const offset = parseInteger(argumentText(args, 2));
      if (offset === undefined) {
        const text = 'value is not an integer or out of range';
        this.#context.reply(replica.client, errorReply(text));
        return;
      }
      if (this.#tryPartial(replica, argumentText(args, 1), offset)) return;
    }
    this.fullSyncs++;
    const { history, options } = this.#context;
    if (history.log === null) {
      // Nothing was counted until now, so what there is belongs to no history that anybody knows.
      history.openLog(options.backlogBytes, true);
      this.#context.notice({ kind: 'backlogCreated', id: history.id });
    }
    replica.state = 'waitStart';
    this.table.attach(replica);
    this.snapshots.enlist(replica);
  }

  #refusal(replica: Replica, args: Arguments | null, hasPendingOutput: boolean): string | null {
    if (args !== null && args.count < 3) return "wrong number of arguments for 'psync' command";
    if (args !== null && args.count > 3 && argumentText(args, 3).toLowerCase() === 'failover') {
      if (this.#context.isPrimary) return "PSYNC FAILOVER can't be sent to a master.";
      if (argumentText(args, 1).toLowerCase() !== this.#context.history.id) {
        return 'PSYNC FAILOVER replid must match my replid.';
      }
      this.#parts.promote();
    }
    if (!this.#context.isPrimary && !this.#parts.isLinkConnected()) {
      return "-NOMASTERLINK Can't SYNC while not connected with my master";
    }
    if (hasPendingOutput) return 'SYNC and PSYNC are invalid with pending output';
    const { data, functions } = replica.content;
    if (!(data && functions) && !replica.canEof) return 'Filtered replica requires EOF capability';
    return null;
  }

  #tryPartial(replica: Replica, id: string, offset: number): boolean {
    const { history, nowMs } = this.#context;
    const { client } = replica;
    const why = history.refusal(id, offset);
    if (why !== null) {
      if (why !== 'notAsked') this.partialSyncsRefused++;
      this.#context.notice({ kind: 'fullSyncAsked', client, why });
      return false;
    }
    this.partialSyncs++;
    replica.state = 'online';
    replica.ackMs = nowMs;
    replica.sentOffset = offset - 1;
    replica.streamOffset = offset - 1;
    this.table.attach(replica);
    this.table.holdLog();
    this.#context.reply(
      client,
      replica.canPsync2 ? `+CONTINUE ${history.id}\r\n` : '+CONTINUE\r\n',
    );
    const bytes = history.offset - replica.sentOffset;
    this.#context.notice({ kind: 'partialSyncGranted', client, offset, bytes });
    return true;
  }

  ack(client: number, offset: number): void {
    const replica = this.table.ack(client, offset);
    if (replica !== undefined) this.snapshots.acked(replica);
  }

  active(client: number): void {
    const replica = this.table.get(client);
    if (replica !== undefined) replica.ackMs = this.#context.nowMs;
  }

  sent(client: number, bytes: number): void {
    const replica = this.table.get(client);
    if (replica === undefined) return;
    replica.inFlightBytes -= bytes;
    assert(replica.inFlightBytes >= 0, `client ${client}: more bytes left than were sent`);
    replica.progressMs = this.#context.nowMs;
    this.snapshots.resume();
  }

  closed(client: number): void {
    this.table.remove(client);
  }

  tick(): void {
    const { nowMs, options, isPrimary } = this.#context;
    this.#dropTimedOut();
    if (isPrimary && nowMs - this.#pingedMs >= options.pingPeriodMs) {
      this.#pingedMs = nowMs;
      // During a failover the new primary waits for an offset that must not move any more.
      if (this.table.attached.length > 0 && !this.isPaused) {
        this.#context.history.log?.append(PING, 0, PING.length);
      }
    }
    if (nowMs - this.#newlineMs >= KEEP_ALIVE_MS) {
      this.#newlineMs = nowMs;
      for (const replica of this.table.attached) {
        if (this.snapshots.needsNewline(replica)) this.#context.reply(replica.client, NEWLINE);
      }
    }
    this.waits.tick();
    this.#freeBacklog();
    this.snapshots.startPending(false);
  }

  #dropTimedOut(): void {
    const { nowMs, options } = this.#context;
    for (const replica of this.table.attached) {
      const { state, inFlightBytes, progressMs, ackMs, isPrePsync } = replica;
      if (state === 'online') {
        if (!isPrePsync && nowMs - ackMs > options.timeoutMs)
          this.table.drop(replica, 'ackTimeout');
      } else if (inFlightBytes > 0 && nowMs - progressMs > options.timeoutMs) {
        this.table.drop(replica, 'sendTimeout');
      }
    }
  }

  #freeBacklog(): void {
    const { nowMs, options, history, isPrimary } = this.#context;
    if (!isPrimary || history.log === null || options.backlogTtlMs === 0) return;
    if (this.table.attached.length > 0) return;
    if (nowMs - this.table.emptySinceMs <= options.backlogTtlMs) return;
    history.closeLog();
    this.#context.notice({ kind: 'backlogFreed', id: history.id });
  }

  /** Everything that waited for the end of the batch. */
  settle(): void {
    const { history } = this.#context;
    if (this.waits.wantsAcks && !this.isPaused) {
      this.waits.wantsAcks = false;
      if (this.#context.isPrimary && this.table.attached.length > 0) {
        history.log?.append(GETACK, 0, GETACK.length);
      }
    }
    if (this.table.hasNewAcks) {
      this.table.hasNewAcks = false;
      this.waits.settle();
    }
    flushStreams(this.#context, this.table);
  }

  invariants(): void {
    this.table.invariants();
    this.snapshots.invariants();
  }
}
