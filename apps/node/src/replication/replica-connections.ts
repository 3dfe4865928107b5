// The connections of this node's replicas: clients that have sent REPLCONF or SYNC. What replication sends them goes out
// like replies; how much of it has left is counted here, because it may go on only as fast as a replica reads.

import type { Session } from '@slotmesh/commands';

interface ReplicaConnection {
  readonly session: Session;
  /** Bytes handed over that were not reported as sent yet. */
  unreported: number;
}

export class ReplicaConnections {
  readonly #connections = new Map<number, ReplicaConnection>();

  /** A client has sent its first command of replication. */
  add(session: Session): void {
    if (this.#connections.has(session.id)) return;
    this.#connections.set(session.id, { session, unreported: 0 });
  }

  /** True if it was one. */
  remove(session: Session): boolean {
    return this.#connections.delete(session.id);
  }

  has(client: number): boolean {
    return this.#connections.has(client);
  }

  /** Where a client comes from, `host:port`. */
  name(client: number): string {
    return this.#connections.get(client)?.session.address ?? `client ${client}`;
  }

  /** Bytes that are not counted. */
  reply(client: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(client);
    if (connection === undefined) return;
    connection.session.reply.raw(bytes);
    connection.session.transport.wake();
  }

  /** Counted bytes. They leave at once: a primary that dies now has told its replicas before it told its clients. */
  send(client: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(client);
    if (connection === undefined) return;
    connection.unreported += bytes.length;
    connection.session.reply.raw(bytes);
    connection.session.transport.flush();
  }

  /** Ends a connection: at once, or after what was sent on it. */
  end(client: number, atOnce: boolean): void {
    const session = this.#connections.get(client)?.session;
    if (session === undefined) return;
    if (atOnce) {
      session.transport.close();
      return;
    }
    session.closeAfterReply = true;
    session.transport.wake();
  }

  /** Gives, for every client of which bytes have left since the last call, how many. */
  *takeSent(): Generator<readonly [client: number, bytes: number]> {
    for (const [client, connection] of this.#connections) {
      if (connection.unreported === 0) continue;
      const { session } = connection;
      const waiting = session.reply.length + session.transport.outputBytes;
      const bytes = connection.unreported - waiting;
      if (bytes <= 0) continue;
      connection.unreported -= bytes;
      yield [client, bytes];
    }
  }
}
