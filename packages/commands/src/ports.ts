// What commands need of the world: the app implements these, tests fake them. Everything is synchronous; where a
// command's outcome must be on disk before its reply is seen, the app flushes its outbox before it sends replies.
//
// What the app calls in return:
//   const processor = new CommandProcessor(ports);
//   processor.connect(session); processor.disconnect(session);      // as clients come and go
//   processor.execute(session, args);                               // one command; its reply is in session.reply
//   processor.readBatch(session, decoder, onlyOne); processor.executePending(session, processor.batch.commands[i]);
//                                                                   // the same for a pipeline, read ahead
//   processor.deliver(sharded, channel, message);                   // a message published on another node
//   processor.dropShardSubscriptions(slots: SlotSet);               // slots that this node serves no more
//   processor.deleteSlot(slot);                                     // and their keys, so that replicas hear of it
//   processor.tick();                                               // from a timer: ends of pauses and waits
// and, where there is a replication port, what replication-port.ts lists.

import type { Keyspace } from '@slotmesh/keyspace';
import type { ClusterPort } from './cluster-port.ts';
import type { PersistencePort } from './persistence-port.ts';
import type { ReplicationPort } from './replication-port.ts';

export interface Ports {
  readonly clock: ClockPort;
  /** A random uint32: what RANDOMKEY draws with. */
  readonly random: () => number;
  readonly keyspace: Keyspace;
  readonly auth: AuthPort;
  readonly config: ConfigPort;
  readonly server: ServerPort;
  readonly debug: DebugPort;
  /** Null where cluster-enabled is no. */
  readonly cluster: ClusterPort | null;
  /** Null or missing: the server is a primary without replicas for ever. */
  readonly replication?: ReplicationPort | null;
  /** Null or missing: data are kept in memory only. */
  readonly persistence?: PersistencePort | null;
}

export interface ClockPort {
  /** Wall clock, Unix milliseconds: key expiry follows it. May be cached for the batch that is being executed. */
  wallMs(): number;
  /** Wall clock, Unix microseconds, never cached: TIME and `server_time_usec`. */
  wallUs(): number;
  /** Microseconds of a clock that never goes back: how long commands take. */
  monotonicUs(): number;
}

export interface AuthPort {
  /** The default user has a password (`requirepass`). Asked before every command of a session that did not log in. */
  readonly required: boolean;
  /** Compares in constant time. `user` is `default` where the client named none. */
  verify(user: Uint8Array, password: Uint8Array): boolean;
}

/** Why CONFIG SET changed nothing. `reason` is worded as the real server does, e.g. `argument must be 'yes' or 'no'`. */
export type ConfigSetOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'failed'; readonly name: string; readonly reason: string };

/** Directives. Names are lower case. Values are text as CONFIG GET prints it. */
export interface ConfigPort {
  /** Every directive with its value, aliases included, in a fixed order. */
  entries(): Iterable<readonly [name: string, value: string]>;
  /**
   * Sets all of them or none, in order. Names come as the client wrote them and match in any case. A name that comes
   * twice fails with `duplicate parameter`, an immutable one with `can't set immutable config`.
   */
  set(pairs: readonly (readonly [name: string, value: string])[]): ConfigSetOutcome;
  /** Writes the file that the server was started with. Returns what went wrong, e.g. `no-file`, or null. */
  rewrite():
    | { readonly kind: 'ok' }
    | { readonly kind: 'noFile' }
    | { readonly kind: 'failed'; readonly reason: string };
}

/** The facts of the process that INFO and HELLO print. Sizes in bytes. */
export interface ServerFacts {
  /** Own version, e.g. `0.1.0`; `redis_version` is the version that it is compatible with. */
  readonly version: string;
  /** 40 hex characters, new at every start. */
  readonly runId: string;
  readonly processId: number;
  /** What runs it, e.g. `Linux 6.1.0 x86_64`. */
  readonly operatingSystem: string;
  readonly runtime: string;
  readonly architectureBits: number;
  readonly startedAtMs: number;
  readonly tcpPort: number;
  readonly executable: string;
  /** Empty where the server was started without one. */
  readonly configFile: string;
  readonly hz: number;
  readonly clientsMax: number;
  readonly clusterConnections: number;
  readonly memoryUsed: number;
  readonly memoryPeak: number;
  readonly memoryResident: number;
  readonly memoryAtStart: number;
  readonly systemMemory: number;
  readonly connectionsReceived: number;
  readonly connectionsRejected: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Over the last second or so. */
  readonly inputBytesPerSecond: number;
  readonly outputBytesPerSecond: number;
  readonly commandsPerSecond: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  readonly cpuUserSecondsMainThread: number;
  readonly cpuSystemSecondsMainThread: number;
}

export interface ShutdownRequest {
  /** `default`: as the configuration says. */
  readonly save: 'default' | 'save' | 'nosave';
  readonly now: boolean;
  readonly force: boolean;
}

export interface ServerPort {
  /** Read when INFO or HELLO asks: may cost a system call or two. */
  facts(): ServerFacts;
  /** Starts to end the process after this batch; no reply is sent. False: it cannot end, and the log says why. */
  shutdown(request: ShutdownRequest): boolean;
  /** True if a shutdown was waiting and is called off. */
  abortShutdown(): boolean;
  /** CONFIG RESETSTAT: the app's own counters back to zero. */
  resetStats(): void;
}

/** What DEBUG reaches; each is a hook of the real servers' own test suites. */
export interface DebugPort {
  /** `enable-debug-command`. */
  readonly allowed: 'yes' | 'no' | 'local';
  /** Stops the whole process for that long. */
  sleep(seconds: number): void;
  /** Writes the text to the log as a warning. */
  log(text: string): void;
}
