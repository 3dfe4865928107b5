// The clients of a node: who may connect, what each may cost, and who has been idle for too long.

import type { AuthPort, CommandProcessor, Session } from '@slotmesh/commands';
import {
  type CloseReason,
  type Connection,
  type ConnectionHandler,
  NO_OUTPUT_LIMITS,
  type OutputLimits,
} from '@slotmesh/io';
import {
  type CommandLimits,
  DEFAULT_COMMAND_LIMITS,
  UNAUTHENTICATED_COMMAND_LIMITS,
} from '@slotmesh/resp';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import type { WallClock } from '../process/wall-clock.ts';
import type { NodeReplication } from '../replication/node-replication.ts';
import { addressText, isLoopback } from './address.ts';
import {
  ClientSession,
  type Durability,
  type SessionHost,
  type Traffic,
} from './client-session.ts';
import { DENIED } from './denied.ts';

/** What a client that has a password still to give may leave unread: it needs no more than a few errors. */
const UNAUTHENTICATED_OUTPUT: OutputLimits = { hardBytes: 1024, softBytes: 0, softMs: 0 };

const MAX_CLIENTS_REPLY = '-ERR max number of clients reached\r\n';
const encoder = new TextEncoder();

export interface ClientServerParts {
  readonly config: Config;
  readonly processor: CommandProcessor;
  readonly clock: WallClock;
  readonly auth: AuthPort;
  readonly durability: Durability;
  readonly replication: Pick<NodeReplication, 'replicaHeard' | 'replicaDrained'>;
  readonly log: Logger;
}

export class ClientServer implements SessionHost {
  readonly processor: CommandProcessor;
  readonly clock: WallClock;
  readonly durability: Durability;
  readonly traffic: Traffic = { inputBytes: 0, outputBytes: 0, connections: 0, rejected: 0 };
  readonly #auth: AuthPort;
  readonly #replication: ClientServerParts['replication'];
  readonly #config: Config;
  readonly #log: Logger;
  readonly #sessions = new Set<ClientSession>();
  #lastId = 0;
  #trustedLimits: CommandLimits = DEFAULT_COMMAND_LIMITS;
  #normalOutput: OutputLimits;
  #pubsubOutput: OutputLimits;
  keepAliveMs = 0;

  constructor(parts: ClientServerParts) {
    this.processor = parts.processor;
    this.clock = parts.clock;
    this.#auth = parts.auth;
    this.#replication = parts.replication;
    this.durability = parts.durability;
    this.#config = parts.config;
    this.#log = parts.log;
    this.#normalOutput = this.#outputClass(0);
    this.#pubsubOutput = this.#outputClass(2);
    this.readLimits();
  }

  /** The number of the next client. */
  nextId(): number {
    return ++this.#lastId;
  }

  get asksForPassword(): boolean {
    return this.#auth.required;
  }

  /** Takes the limits from the configuration, for the clients that are there as well. */
  readLimits(): void {
    const bulkBytesMax = this.#config.number('proto-max-bulk-len');
    const commandBytesMax = this.#config.number('client-query-buffer-limit');
    this.#trustedLimits = { ...DEFAULT_COMMAND_LIMITS, bulkBytesMax, commandBytesMax };
    this.#normalOutput = this.#outputClass(0);
    this.#pubsubOutput = this.#outputClass(2);
    this.keepAliveMs = this.#config.number('tcp-keepalive') * 1000;
    for (const session of this.#sessions) session.limitsChanged();
  }

  /** Class 0 is normal, 1 replicas, 2 pubsub: `class hard soft seconds` each. */
  #outputClass(index: number): OutputLimits {
    const [, hard, soft, seconds] = this.#config
      .words('client-output-buffer-limit')
      .slice(index * 4)
      .map(Number);
    return { hardBytes: hard, softBytes: soft, softMs: seconds * 1000 };
  }

  commandLimits(trusted: boolean): CommandLimits {
    return trusted ? this.#trustedLimits : UNAUTHENTICATED_COMMAND_LIMITS;
  }

  outputLimits(session: Session): OutputLimits {
    if (!session.authenticated && this.#auth.required) return UNAUTHENTICATED_OUTPUT;
    // What may wait for a replica is for the rules of replication to say.
    if (session.isReplica) return NO_OUTPUT_LIMITS;
    return session.subscriptionCount > 0 ? this.#pubsubOutput : this.#normalOutput;
  }

  replicaHeard(session: Session): void {
    this.#replication.replicaHeard(session);
  }

  replicaDrained(): void {
    this.#replication.replicaDrained();
  }

  addressesOf(connection: Connection): ReturnType<SessionHost['addressesOf']> {
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    if (remoteAddress === '') {
      const address = `${this.#config.text('unixsocket')}:0`;
      return { address, localAddress: address, isLocal: true, isUnixSocket: true };
    }
    return {
      address: addressText(remoteAddress, remotePort),
      localAddress: addressText(localAddress, localPort),
      isLocal: isLoopback(remoteAddress),
      isUnixSocket: false,
    };
  }

  // ---- coming and going ----------------------------------------------------------------------------------------

  readonly accept = (connection: Connection): ConnectionHandler => {
    const refusal = this.#refusal(connection);
    if (refusal !== null) {
      this.traffic.rejected++;
      connection.write(encoder.encode(refusal));
      connection.end();
      return { onData: () => undefined, onClosed: () => undefined };
    }
    this.traffic.connections++;
    const client = new ClientSession(this, connection, this.nextId());
    this.#sessions.add(client);
    this.processor.connect(client.session);
    this.#log.verbose(`Accepted ${client.session.address}`);
    return client;
  };

  #refusal(connection: Connection): string | null {
    if (this.#sessions.size >= this.#config.number('maxclients')) return MAX_CLIENTS_REPLY;
    const isRemote = connection.remoteAddress !== '' && !isLoopback(connection.remoteAddress);
    if (isRemote && this.#config.isOn('protected-mode') && !this.#auth.required) return DENIED;
    return null;
  }

  left(client: ClientSession, reason: CloseReason): void {
    if (!this.#sessions.delete(client)) return;
    this.processor.disconnect(client.session);
    if (reason.kind === 'outputLimit') {
      this.#log.warning(
        `Client ${client.session.address} closed for overcoming of output buffer limits (${reason.limit}): ` +
          `${reason.waitingBytes} bytes wait`,
      );
    } else {
      this.#log.verbose(`Client closed connection ${client.session.address}`);
    }
  }

  /** Once a second: closes who has been idle for `timeout` seconds, and who has left output unread for too long. */
  sweep(nowMs: number): void {
    const timeoutMs = this.#config.number('timeout') * 1000;
    for (const client of this.#sessions) {
      client.shrink();
      if (client.connection.waitingBytes > 0) client.checkOutput();
      if (timeoutMs === 0 || client.session.subscriptionCount > 0) continue;
      if (client.session.isReplica) continue;
      if (client.connection.quietMs(nowMs) <= timeoutMs) continue;
      this.#log.verbose('Closing idle client');
      client.close();
    }
  }

  /** Lets go of everybody, after sending what there is to send; or at once. */
  closeAll(gently: boolean): void {
    for (const client of this.#sessions) {
      if (gently) client.connection.end();
      else client.connection.destroy();
    }
  }
}
