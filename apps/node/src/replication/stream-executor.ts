// Hot path (per command of the stream). What the primary sends after the snapshot: executed as it comes, by a session of
// its own that answers nobody.

import { type CommandProcessor, Session } from '@slotmesh/commands';
import { PrimaryStream } from '@slotmesh/replication';
import { type CommandLimits, ReplyWriter } from '@slotmesh/resp';
import type { WallClock } from '../process/wall-clock.ts';

export interface StreamExecutorParts {
  readonly processor: CommandProcessor;
  readonly clock: Pick<WallClock, 'beginBatch' | 'endBatch'>;
  readonly limits: CommandLimits;
  /** Of the session, among those of all clients. */
  readonly clientId: number;
  /** CLIENT KILL has chosen the link. */
  readonly killed: () => void;
  /** Commands up to there have been executed. */
  readonly applied: (bytes: number, db: number) => void;
}

/** The primary has sent a command that this server does not have. */
export class StreamRefusedError extends Error {
  override readonly name = 'StreamRefusedError';
  readonly code = 'STREAM_REFUSED';
}

export class StreamExecutor {
  readonly #parts: StreamExecutorParts;
  readonly #stream: PrimaryStream;
  readonly #session: Session;
  #refusal: string | null = null;

  /** A stream begins; `address` is the primary's, for logs. */
  constructor(parts: StreamExecutorParts, address: string, db: number) {
    this.#parts = parts;
    this.#stream = new PrimaryStream(parts.limits);
    this.#session = new Session({
      id: parts.clientId,
      address,
      localAddress: '',
      isLocal: false,
      isUnixSocket: false,
      isTls: false,
      nowMs: Date.now(),
      authenticated: true,
      reply: new ReplyWriter(2),
      transport: { ...NO_TRANSPORT, close: parts.killed },
      isPrimaryLink: true,
    });
    this.#session.database = db;
    parts.processor.connect(this.#session);
  }

  /**
   * Executes what is complete.
   * @throws ProtocolError where the primary sends no commands, {@link StreamRefusedError} at a command that is not known
   */
  execute(bytes: Uint8Array): void {
    const { processor, clock } = this.#parts;
    const stream = this.#stream;
    clock.beginBatch();
    try {
      stream.push(bytes);
      while (stream.next()) {
        processor.executeFromPrimary(this.#session, stream.args);
        if (this.#refusal !== null) break;
      }
      this.#parts.applied(stream.takeApplied(this.#refusal === null), this.#session.database);
    } finally {
      clock.endBatch();
    }
    if (this.#refusal !== null) throw new StreamRefusedError(this.#refusal);
  }

  /** The command at hand cannot be executed here: to go on without it would be to have other data than the primary. */
  refuse(why: string): void {
    this.#refusal = why;
  }

  /** The stream has ended: a transaction that was cut is forgotten. */
  close(): void {
    this.#parts.processor.disconnect(this.#session);
  }
}

const NO_TRANSPORT = {
  wake: () => undefined,
  flush: () => undefined,
  close: () => undefined,
  setReading: () => undefined,
  inputBytes: 0,
  outputBytes: 0,
  descriptor: -1,
};
