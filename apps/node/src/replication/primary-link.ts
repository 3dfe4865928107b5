// The sockets of the link to this node's primary. One is open at a time, for as long as the rules want it.

import { type CloseReason, Connection, type TurnEnd } from '@slotmesh/io';
import type { PrimaryAddress } from '@slotmesh/replication';

export interface PrimaryLinkHost {
  linkUp(link: number): void;
  /** `bytes` are the receiver's. */
  linkData(link: number, bytes: Uint8Array): void;
  linkDown(link: number): void;
}

export interface PrimaryLinkParts {
  readonly turnEnd: TurnEnd;
  readonly host: PrimaryLinkHost;
  /** How long opening it may take. */
  readonly connectTimeoutMs: () => number;
  /** bind-source-addr; '' = whatever the system takes. */
  readonly sourceAddress: () => string;
}

export class PrimaryLink {
  readonly #parts: PrimaryLinkParts;
  #number = 0;
  #connection: Connection | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: PrimaryLinkParts) {
    this.#parts = parts;
  }

  connect(link: number, { host, port }: PrimaryAddress): void {
    const { host: owner, turnEnd } = this.#parts;
    this.destroy();
    this.#number = link;
    const localAddress = this.#parts.sourceAddress();
    const isCurrent = (): boolean => this.#number === link;
    const connection = Connection.open(
      localAddress === '' ? { host, port } : { host, port, localAddress },
      turnEnd,
      {
        onConnected: () => {
          clearTimeout(this.#timer);
          if (isCurrent()) owner.linkUp(link);
        },
        onData: (chunk) => {
          if (isCurrent()) owner.linkData(link, chunk.slice());
        },
        onClosed: (_reason: CloseReason) => {
          if (!isCurrent()) return;
          this.#forget();
          owner.linkDown(link);
        },
      },
    );
    this.#connection = connection;
    this.#timer = setTimeout(
      () => connection.destroy({ kind: 'timeout', phase: 'connect' }),
      this.#parts.connectTimeoutMs(),
    );
  }

  send(link: number, bytes: Uint8Array): void {
    if (link === this.#number) this.#connection?.write(bytes);
  }

  /** What was sent before still goes out; nothing is heard of it any more. */
  close(link: number): void {
    if (link !== this.#number) return;
    const connection = this.#connection;
    this.#forget();
    connection?.end();
  }

  setReading(on: boolean): void {
    if (on) this.#connection?.resume();
    else this.#connection?.pause();
  }

  /** What came on it is of no use: it is closed as if the primary had done it. */
  fail(): void {
    const link = this.#number;
    if (link === 0) return;
    this.destroy();
    this.#parts.host.linkDown(link);
  }

  /** Ends whatever is open, without a word. */
  destroy(): void {
    const connection = this.#connection;
    this.#forget();
    connection?.destroy();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#number = 0;
    this.#connection = null;
  }
}
