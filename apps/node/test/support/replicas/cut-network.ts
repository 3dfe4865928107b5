// A network between the nodes of one machine that can be cut without a sound: each node announces ports of ours, and what
// other nodes send there is passed on to its real ones. A cut says nothing to anybody, as a dead switch or a firewall that
// drops packets: bytes stay away, sockets stay open, a new connection hangs. Everybody can still be reached by clients, at
// the real ports.
//
// Nodes are told apart by the address that they connect from (`bind-source-addr`, one of 127/8 each), so that a cut is of
// a pair and of a direction. What comes from any other address, such as a client, is never cut.
//
// A cut holds bytes back and delivers them when it is healed, in order, as TCP's retransmissions would: a stream with a
// hole in it is something that no network makes. Until then the sender's buffers fill.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Passage } from './passage.ts';

/** Sources are 127.0.<n>.<m>, none of which anything else uses. */
const SOURCE_NETWORK = '127.0.83.';
const SEATS_MAX = 250;
const HOST = '127.0.0.1';

/** A node's place in the network. */
export interface Seat {
  /** What the node must connect from: its `bind-source-addr`. */
  readonly sourceAddress: string;
  /** What it must announce. */
  readonly clientPort: number;
  readonly busPort: number;
}

interface Place extends Seat {
  readonly servers: readonly Server[];
  target: { readonly port: number; readonly busPort: number } | null;
}

/** Made by nobody else: close it when the nodes are gone. */
export class CutNetwork {
  readonly #places = new Map<string, Place>();
  /** `<source> <source>`: what the first sends does not reach the second. */
  readonly #cuts = new Set<string>();
  readonly #passages = new Map<Passage, readonly [from: Place | null, to: Place]>();

  /** A place for one more node, with two ports that listen from now on. */
  async addSeat(): Promise<Seat> {
    if (this.#places.size === SEATS_MAX) throw new Error(`${SEATS_MAX} nodes are the most`);
    const sourceAddress = `${SOURCE_NETWORK}${this.#places.size + 1}`;
    const accept = (isBus: boolean) => (socket: Socket) => this.#accept(socket, place, isBus);
    // Half-closed connections are passed on as such.
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    const servers = [false, true].map((isBus) => createServer(options, accept(isBus)));
    const place: Place = { sourceAddress, clientPort: 0, busPort: 0, servers, target: null };
    this.#places.set(sourceAddress, place);
    const ports = await Promise.all(servers.map(listen));
    const listening = { ...place, clientPort: ports[0], busPort: ports[1] };
    Object.assign(place, listening);
    return place;
  }

  /** Where the node really listens. Until this is said its connections are closed, as a port that nobody listens on. */
  connect(seat: Seat, target: { readonly port: number; readonly busPort: number }): void {
    this.#placeOf(seat).target = target;
  }

  /** From now on nothing that `from` sends reaches `to`, on connections of either. New ones between the two hang. */
  cut(from: Seat, to: Seat): void {
    this.#cuts.add(pair(from, to));
    this.#update();
  }

  /** What was held back arrives, and what hung goes on. */
  heal(from: Seat, to: Seat): void {
    this.#cuts.delete(pair(from, to));
    this.#update();
  }

  /** Cuts one off from all others, both ways. */
  isolate(seat: Seat): void {
    for (const other of this.#places.values()) {
      if (other.sourceAddress === seat.sourceAddress) continue;
      this.#cuts.add(pair(seat, other));
      this.#cuts.add(pair(other, seat));
    }
    this.#update();
  }

  healAll(): void {
    this.#cuts.clear();
    this.#update();
  }

  /**
   * A node's machine is gone, with all that was on its way from it and to it: connections with it are reset, and what was
   * held back on them is lost. A process that is killed loses nothing of the kind: the system still delivers what it sent.
   */
  lose(seat: Seat): void {
    const place = this.#placeOf(seat);
    for (const [passage, [from, to]] of [...this.#passages]) {
      if (from === place || to === place) passage.destroy();
    }
  }

  async close(): Promise<void> {
    for (const passage of this.#passages.keys()) passage.destroy();
    const servers = [...this.#places.values()].flatMap((place) => place.servers);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #accept(socket: Socket, to: Place, isBus: boolean): void {
    const from = this.#places.get(socket.remoteAddress ?? '') ?? null;
    const passage = new Passage(socket, {
      // Looked up when it is dialled: it may have hung until the node was another process.
      target: () => {
        if (to.target === null) return null;
        return { host: HOST, port: isBus ? to.target.busPort : to.target.port };
      },
      isOpen: (direction) => {
        if (from === null) return true;
        return !this.#cuts.has(direction === 'there' ? pair(from, to) : pair(to, from));
      },
      onClose: () => this.#passages.delete(passage),
    });
    this.#passages.set(passage, [from, to]);
    passage.update();
  }

  #update(): void {
    for (const passage of this.#passages.keys()) passage.update();
  }

  #placeOf(seat: Seat): Place {
    const place = this.#places.get(seat.sourceAddress);
    if (place === undefined) throw new Error(`${seat.sourceAddress} is no seat of this network`);
    return place;
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function pair(from: Seat, to: Seat): string {
  return `${from.sourceAddress} ${to.sourceAddress}`;
}
