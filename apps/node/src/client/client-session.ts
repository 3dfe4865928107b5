// Hot path (per chunk and per command). One client's connection: bytes to commands, commands to the processor, replies
// out in one write at the end of the turn. A reply that tells of the cluster is held back, with all that follow it, while
// what it tells is not on the disk: a node that is killed must not come back as another than it said it was.

import {
  type CommandBatch,
  type CommandProcessor,
  Session,
  type SessionTransport,
} from '@slotmesh/commands';
import type { CloseReason, Connection, ConnectionHandler, OutputLimits } from '@slotmesh/io';
import { CommandDecoder, type CommandLimits, ProtocolError, ReplyWriter } from '@slotmesh/resp';
import type { WallClock } from '../process/wall-clock.ts';

/** Replies of one turn that are handed to the socket before its end, so that their memory is bounded by the socket's. */
const FLUSH_EARLY_BYTES = 1 << 20;

/** Tells sessions whether what their node knows of its cluster is on the disk. */
export interface Durability {
  /** Resolves when all that it knows now is; null when it is already. */
  unsaved(): Promise<void> | null;
}

/** What all sessions of a node count together. */
export interface Traffic {
  inputBytes: number;
  outputBytes: number;
  connections: number;
  rejected: number;
}

/** What a session asks of the server that it belongs to. */
export interface SessionHost {
  readonly processor: CommandProcessor;
  readonly clock: Pick<WallClock, 'beginBatch' | 'endBatch'>;
  readonly durability: Durability;
  readonly traffic: Traffic;
  /** TCP keepalive, milliseconds; 0 = off. */
  readonly keepAliveMs: number;
  /** Whether clients must log in. */
  readonly asksForPassword: boolean;
  commandLimits(trusted: boolean): CommandLimits;
  outputLimits(session: Session): OutputLimits;
  /** Both ends of a connection, as CLIENT LIST prints them. */
  addressesOf(connection: Connection): {
    readonly address: string;
    readonly localAddress: string;
    readonly isLocal: boolean;
    readonly isUnixSocket: boolean;
  };
  /** Something came on the connection of a replica, or output to it has left. */
  replicaHeard(session: Session): void;
  replicaDrained(): void;
  /** The connection is over. */
  left(client: ClientSession, reason: CloseReason): void;
}

export class ClientSession implements ConnectionHandler, SessionTransport {
  readonly session: Session;
  readonly connection: Connection;
  readonly #server: SessionHost;
  readonly #processor: CommandProcessor;
  readonly #decoder: CommandDecoder;
  readonly #reply: ReplyWriter;
  /** The limits of a client that logged in are in force. */
  #trusted: boolean;
  /** Among the replies that have not gone out is one that tells of the cluster. */
  #tellsOfCluster = false;
  /** Saves that replies wait for. */
  #holds = 0;

  constructor(server: SessionHost, connection: Connection, id: number) {
    this.#server = server;
    this.#processor = server.processor;
    this.connection = connection;
    this.#reply = new ReplyWriter(2);
    this.#trusted = !server.asksForPassword;
    this.#decoder = new CommandDecoder(server.commandLimits(this.#trusted));
    this.session = new Session({
      id,
      ...server.addressesOf(connection),
      isTls: false,
      nowMs: Date.now(),
      authenticated: this.#trusted,
      reply: this.#reply,
      transport: this,
    });
    connection.setOutputSource(this.#takeOutput, () => {
      this.#reply.recycle();
      if (this.session.isReplica) server.replicaDrained();
    });
    connection.setKeepAlive(server.keepAliveMs);
  }

  // ---- what the connection says --------------------------------------------------------------------------------

  onData(chunk: Uint8Array): void {
    const { clock, traffic } = this.#server;
    traffic.inputBytes += chunk.length;
    if (this.session.isReplica) this.#server.replicaHeard(this.session);
    clock.beginBatch();
    this.#decoder.push(chunk);
    this.#execute();
    clock.endBatch();
    this.#send();
  }

  #execute(): void {
    const { session } = this;
    const decoder = this.#decoder;
    const processor = this.#processor;
    try {
      // Whoever logs in gets other limits: until then nothing is read ahead.
      while (processor.readBatch(session, decoder, !this.#trusted)) {
        this.#executeBatch(processor.batch);
        if (session.closeAfterReply || session.closed) break;
        if (!this.#trusted && session.authenticated) this.#trust();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#reply.protocolError(error);
      session.closeAfterReply = true;
    }
  }

  #executeBatch({ commands, size }: CommandBatch): void {
    const { session } = this;
    const processor = this.#processor;
    const reply = this.#reply;
    let lastCommand = '';
    for (let i = 0; i < size; i++) {
      processor.executePending(session, commands[i]);
      // Most batches hold one command many times: whether its name is the same string is soon seen.
      if (session.lastCommand !== lastCommand) {
        lastCommand = session.lastCommand;
        if (lastCommand.startsWith('cluster')) this.#tellsOfCluster = true;
      }
      if (session.closeAfterReply || session.closed) return;
      if (reply.length > FLUSH_EARLY_BYTES) {
        this.connection.flush();
        lastCommand = ''; // the flush has asked whether what went out was saved; what follows asks again
      }
    }
  }

  onDrained(): void {
    if (this.session.isReplica) this.#server.replicaDrained();
  }

  onClosed(reason: CloseReason): void {
    this.#server.left(this, reason);
  }

  // ---- what commands ask for -----------------------------------------------------------------------------------

  wake(): void {
    this.#send();
  }

  flush(): void {
    this.#send();
    this.connection.flush();
  }

  close(): void {
    this.session.closed = true;
    this.connection.destroy();
  }

  setReading(on: boolean): void {
    if (on) this.connection.resume();
    else this.connection.pause();
  }

  get inputBytes(): number {
    return this.#decoder.buffered;
  }
  get outputBytes(): number {
    return this.connection.waitingBytes;
  }
  get descriptor(): number {
    return -1;
  }

  // ---- for the server ------------------------------------------------------------------------------------------

  /** Takes over limits that CONFIG SET has changed. */
  limitsChanged(): void {
    this.#decoder.limits = this.#server.commandLimits(this.#trusted);
  }

  /** Gives up memory that large replies have left behind. */
  shrink(): void {
    this.#reply.shrink();
  }

  /** Closes the connection if its output breaks a limit: also when nothing more is written, as time goes by. */
  checkOutput(): void {
    this.connection.limits = this.#server.outputLimits(this.session);
    this.connection.checkOutput(this.#reply.length);
  }

  #trust(): void {
    this.#trusted = true;
    this.limitsChanged();
  }

  #send(): void {
    if (this.session.closeAfterReply) this.#holdUnsaved();
    if (this.#holds > 0) return;
    if (this.session.closeAfterReply) this.connection.end();
    else if (this.#reply.length > 0) this.connection.schedule();
  }

  /** For replies that are about to go. Whether an operator made the change, or another node told of it, is the same. */
  #holdUnsaved(): void {
    if (!this.#tellsOfCluster) return;
    this.#tellsOfCluster = false;
    const saving = this.#server.durability.unsaved();
    if (saving === null) return;
    this.#holds++;
    const release = () => {
      this.#holds--;
      this.#send();
    };
    // If it fails the node ends, and no reply goes out any more.
    saving.then(release, () => undefined);
  }

  readonly #takeOutput = (): Uint8Array | null => {
    this.#holdUnsaved();
    if (this.#holds > 0 || this.#reply.length === 0) return null;
    this.connection.limits = this.#server.outputLimits(this.session);
    this.#server.traffic.outputBytes += this.#reply.length;
    return this.#reply.take();
  };
}
