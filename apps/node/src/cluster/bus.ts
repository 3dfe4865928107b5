// Hot path (per packet). The sockets of the cluster bus: numbers them, cuts what arrives into messages, encodes what is
// sent, once however many nodes it goes to.

import {
  BusDecodeError,
  BusDecoder,
  type BusMessage,
  encodeBusMessage,
} from '@slotmesh/cluster-bus';
import type { ClusterInput } from '@slotmesh/cluster-core';
import { type CloseReason, Connection, type ConnectionHandler, type TurnEnd } from '@slotmesh/io';
import type { LinkFacts, LinkId, NodeAddress } from '@slotmesh/topology';
import { plainAddress } from '../client/address.ts';
import type { Logger } from '../log/logger.ts';

/** Numbers of message types on the wire, for the filter of DEBUG DROP-CLUSTER-PACKET-FILTER. */
const WIRE_TYPES = new Map<BusMessage['kind'], number>([
  ['ping', 0],
  ['pong', 1],
  ['meet', 2],
  ['fail', 3],
  ['publish', 4],
  ['failoverAuthRequest', 5],
  ['failoverAuthAck', 6],
  ['update', 7],
  ['manualFailoverStart', 8],
  ['module', 9],
  ['publishShard', 10],
]);
const DROP_NONE = -1;
const DROP_ALL = -2;

export interface BusParts {
  readonly turnEnd: TurnEnd;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** What happens on links. */
  readonly input: (input: ClusterInput) => void;
  /** cluster-link-sendbuf-limit, bytes; 0 = none. */
  readonly sendBufferMax: () => number;
  /** How long opening a link may take. */
  readonly connectTimeoutMs: () => number;
  /** bind-source-addr; '' = whatever the system takes. */
  readonly sourceAddress: () => string;
}

export class ClusterBus {
  readonly #parts: BusParts;
  readonly #links = new Map<LinkId, BusLink>();
  #lastInbound = -1;
  #encodedMessage: BusMessage | null = null;
  #encodedBytes: Uint8Array = new Uint8Array(0);
  /** How often a link was closed because its output passed the limit. */
  bufferLimitExceeded = 0;
  sentBytes = 0;
  receivedBytes = 0;
  dropFilter: number = DROP_NONE;
  closesOnDrop = false;

  constructor(parts: BusParts) {
    this.#parts = parts;
  }

  /** Open connections, both ways. */
  get size(): number {
    return this.#links.size;
  }

  /** Takes a connection that another node opened. */
  readonly accept = (connection: Connection): ConnectionHandler => {
    this.#lastInbound += 2;
    const link = this.#lastInbound as LinkId;
    const made = new BusLink(this, link, this.#parts.nowMs());
    made.connection = connection;
    this.#links.set(link, made);
    this.#opened(made, connection);
    return made;
  };

  connect(link: LinkId, address: NodeAddress): void {
    const made = new BusLink(this, link, this.#parts.nowMs());
    const localAddress = this.#parts.sourceAddress();
    const target = { host: address.host, port: address.busPort };
    made.connection = Connection.open(
      localAddress === '' ? target : { ...target, localAddress },
      this.#parts.turnEnd,
      made,
    );
    made.timer = setTimeout(
      () => made.connection?.destroy({ kind: 'timeout', phase: 'connect' }),
      this.#parts.connectTimeoutMs(),
    );
    this.#links.set(link, made);
  }

  /** Sends on a link; dropped if the link is gone. The same message object in a row is encoded once. */
  send(link: LinkId, message: BusMessage): void {
    const connection = this.#links.get(link)?.connection;
    if (connection == null) return;
    if (message !== this.#encodedMessage) {
      this.#encodedBytes = encodeBusMessage(message);
      this.#encodedMessage = message;
    }
    const sendBufferMax = this.#parts.sendBufferMax();
    connection.limits = { hardBytes: sendBufferMax, softBytes: 0, softMs: 0 };
    this.sentBytes += this.#encodedBytes.length;
    connection.write(this.#encodedBytes);
    if (sendBufferMax > 0) connection.checkOutput();
  }

  /** Closes a link on this node's own wish: nothing is heard of it any more. What was sent before still goes out. */
  disconnect(link: LinkId): void {
    const found = this.#links.get(link);
    if (found === undefined) return;
    this.#forget(found);
    found.connection?.end();
  }

  /** What CLUSTER LINKS shows of a link; undefined if it is not open. */
  factsOf(link: LinkId): LinkFacts | undefined {
    const found = this.#links.get(link);
    if (found === undefined || !found.isOpen) return undefined;
    const waitingBytes = found.connection?.waitingBytes ?? 0;
    return {
      createdMs: found.createdMs,
      isSending: waitingBytes > 0,
      sendBufferAllocated: waitingBytes,
      sendBufferUsed: waitingBytes,
    };
  }

  /** Closes every link, without a word to the rules. */
  close(): void {
    for (const link of [...this.#links.values()]) {
      this.#forget(link);
      link.connection?.destroy();
    }
  }

  // ---- what the links say --------------------------------------------------------------------------------------

  connected(link: BusLink): void {
    clearTimeout(link.timer);
    if (this.#links.get(link.id) === link && link.connection !== null) {
      this.#opened(link, link.connection);
    }
  }

  received(link: BusLink, chunk: Uint8Array): void {
    if (this.#links.get(link.id) !== link) return;
    this.receivedBytes += chunk.length;
    link.decoder.push(chunk);
    // The rules may close the link over any message.
    while (this.#links.get(link.id) === link && this.#readOne(link)) {}
  }

  closed(link: BusLink, reason: CloseReason): void {
    if (this.#links.get(link.id) !== link) return;
    this.#forget(link);
    if (reason.kind === 'outputLimit') {
      this.bufferLimitExceeded++;
      this.#parts.log.warning(
        `Freeing outbound cluster link: ${reason.waitingBytes} bytes wait, more than cluster-link-sendbuf-limit`,
      );
    }
    this.#parts.input({ kind: 'linkDown', link: link.id });
  }

  /** Hands one message on; false if there is none, or the link is over. */
  #readOne(link: BusLink): boolean {
    let message: BusMessage | undefined;
    try {
      message = link.decoder.next();
    } catch (error) {
      if (!(error instanceof BusDecodeError)) throw error;
      this.#parts.log.verbose(`Bad cluster bus packet: ${error.message}`);
      if (!error.closesLink) return true;
      this.#closeAfterBadBytes(link);
      return false;
    }
    if (message === undefined) return false;
    if (this.dropFilter === DROP_NONE || !this.#isDropped(message)) {
      this.#parts.input({ kind: 'message', link: link.id, message });
    } else if (this.closesOnDrop) {
      this.#closeAfterBadBytes(link);
      return false;
    }
    return true;
  }

  #isDropped(message: BusMessage): boolean {
    if (this.dropFilter === DROP_ALL) return true;
    const type = message.kind === 'unknown' ? message.type : WIRE_TYPES.get(message.kind);
    return type === this.dropFilter;
  }

  #closeAfterBadBytes(link: BusLink): void {
    this.#forget(link);
    link.connection?.destroy();
    this.#parts.input({ kind: 'linkDown', link: link.id });
  }

  #opened(link: BusLink, connection: Connection): void {
    link.isOpen = true;
    this.#parts.input({
      kind: 'linkUp',
      link: link.id,
      remoteHost: plainAddress(connection.remoteAddress),
      localHost: plainAddress(connection.localAddress),
    });
  }

  #forget(link: BusLink): void {
    clearTimeout(link.timer);
    this.#links.delete(link.id);
  }
}

/** One connection with its number and the beginning of a message that has not arrived completely. */
class BusLink implements ConnectionHandler {
  readonly id: LinkId;
  readonly decoder: BusDecoder = new BusDecoder();
  readonly createdMs: number;
  connection: Connection | null = null;
  isOpen = false;
  timer: NodeJS.Timeout | undefined;
  readonly #bus: ClusterBus;

  constructor(bus: ClusterBus, id: LinkId, createdMs: number) {
    this.#bus = bus;
    this.id = id;
    this.createdMs = createdMs;
  }

  onConnected(): void {
    this.#bus.connected(this);
  }
  onData(chunk: Uint8Array): void {
    this.#bus.received(this, chunk);
  }
  onClosed(reason: CloseReason): void {
    this.#bus.closed(this, reason);
  }
}
