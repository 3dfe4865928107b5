// What the server knows of one client. Pure state: the app owns the socket, makes a Session when a client connects,
// hands it to `CommandProcessor.execute` with each command and sends what gathers in `reply`.

import type { ReplyWriter } from '@slotmesh/resp';
import type { Blocked } from './blocked.ts';
import type { TrackingState } from './tracking-state.ts';
import type { KeptArguments, Transaction } from './transaction.ts';
import type { Watch } from './watch.ts';

/** What a session asks of the connection that carries it. Implemented by the app. */
export interface SessionTransport {
  /** Somebody else's command (PUBLISH, for one) wrote into this session's `reply`: have it sent soon. */
  wake(): void;
  /** As {@link wake}, but now, and not at the end of the turn. */
  flush(): void;
  /** Closes the connection at once, without sending what `reply` still holds (CLIENT KILL). */
  close(): void;
  /** False: read nothing more from the client until told again (CLIENT PAUSE). What has been read is executed. */
  setReading(on: boolean): void;
  /** Bytes received and not yet executed. */
  readonly inputBytes: number;
  /** Bytes of replies taken from the writer and not yet accepted by the socket. */
  readonly outputBytes: number;
  /** The socket's file descriptor, or -1 where the platform does not tell. */
  readonly descriptor: number;
}

export interface SessionOptions {
  /** Unique and increasing over the life of the server; the first client is 1 or greater. */
  readonly id: number;
  /** The client's end, `host:port` (IPv6 in brackets), or `path:0` on a unix socket. */
  readonly address: string;
  /** The server's end, in the same form. */
  readonly localAddress: string;
  /** From this machine: a loopback address or a unix socket (`enable-debug-command local` asks). */
  readonly isLocal: boolean;
  readonly isUnixSocket: boolean;
  /** The connection is TLS: redirections then name TLS ports. */
  readonly isTls: boolean;
  /** Wall clock, Unix milliseconds. */
  readonly nowMs: number;
  /** False where the default user has a password: only HELLO, AUTH and QUIT and the like run until it is given. */
  readonly authenticated: boolean;
  readonly reply: ReplyWriter;
  readonly transport: SessionTransport;
  /** The link to this node's primary: its commands come by `CommandProcessor.executeFromPrimary`. */
  readonly isPrimaryLink?: boolean;
}

/** CLIENT REPLY: `skipNext` turns into `skip` for the command that follows, which then turns it `on`. */
export type ReplyMode = 'on' | 'off' | 'skipNext' | 'skip';

/** One client. Fields that commands change are writable here and by nobody else; the app reads them. */
export class Session {
  readonly id: number;
  readonly address: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  readonly isUnixSocket: boolean;
  readonly isTls: boolean;
  readonly createdAtMs: number;
  readonly transport: SessionTransport;
  /** Replies gather here; the app takes them after each batch of commands. `reply.protocol` is the session's protocol. */
  readonly reply: ReplyWriter;

  /** Wall clock at the last command. */
  lastCommandAtMs: number;
  /** The last command's name as CLIENT LIST prints it, `client|list` or `NULL`. */
  lastCommand = 'NULL';
  /** CLIENT SETNAME: printable ASCII without spaces; empty = none. */
  name = '';
  libraryName = '';
  libraryVersion = '';
  authenticated: boolean;
  /** The only user there is. */
  user = 'default';
  database = 0;
  /** READONLY was sent: a replica may serve this client's reads. */
  readonly = false;
  /** ASKING was sent: holds for the next command. */
  asking = false;
  replyMode: ReplyMode = 'on';
  noEvict = false;
  noTouch = false;
  /** Set by QUIT, CLIENT KILL of oneself and the like: send `reply`, then close; execute nothing more. */
  closeAfterReply = false;
  /**
   * Where in `reply` the last push ended that was written while a command ran: CLIENT REPLY OFF takes replies back, not
   * messages. 0 at the start of each command.
   */
  pushedLength = 0;
  /** Set when the transport was told to close: whatever arrives later is not executed. */
  closed = false;

  /** Between MULTI and EXEC; else null. */
  transaction: Transaction | null = null;
  /** Keys that WATCH named. Changed by the registry of watched keys only. */
  watches: Watch[] = [];
  /** A watched key has changed: EXEC will do nothing. */
  watchBroken = false;
  /** CLIENT TRACKING is on. Changed by the registry of tracking clients only. */
  tracking: TrackingState | null = null;

  readonly isPrimaryLink: boolean;
  /** The connection of a replica of this node: PSYNC or SYNC was sent. */
  isReplica = false;
  /** How far the replication stream went after the last command of this client: what WAIT waits for. */
  replicationOffset = 0;

  /** MONITOR was sent. Changed by the registry of monitors only. */
  isMonitor = false;
  /** Commands go to {@link postponed}: some are there already, or the client is {@link blocked}. */
  isWaiting = false;
  /** A command waits for something before it answers; else null. Changed by the registry of blocked clients only. */
  blocked: Blocked | null = null;
  /** Commands that wait for the end of a pause or of a blocking command, the first of them first. */
  postponed: KeptArguments[] = [];

  /** Subscriptions, names as latin1 strings of their bytes. Changed by the PubSub registry only. */
  readonly channels: Set<string> = new Set();
  readonly patterns: Set<string> = new Set();
  readonly shardChannels: Set<string> = new Set();
  /** Of all three kinds together. */
  subscriptionCount = 0;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.address = options.address;
    this.localAddress = options.localAddress;
    this.isLocal = options.isLocal;
    this.isUnixSocket = options.isUnixSocket;
    this.isTls = options.isTls;
    this.createdAtMs = options.nowMs;
    this.lastCommandAtMs = options.nowMs;
    this.authenticated = options.authenticated;
    this.reply = options.reply;
    this.transport = options.transport;
    this.isPrimaryLink = options.isPrimaryLink ?? false;
  }
}
