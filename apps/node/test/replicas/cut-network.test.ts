import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CutNetwork, type Seat } from '../support/replicas/cut-network.ts';

/** A node as far as the network is concerned: two ports, and who has come to the first of them. */
class Host {
  readonly visitors: Socket[] = [];
  readonly servers: Server[];
  #wake: () => void = () => undefined;

  constructor() {
    const servers = [0, 1].map((i) =>
      createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => undefined);
        if (i > 0) return void socket.end('the bus');
        this.visitors.push(socket);
        this.#wake();
      }),
    );
    this.servers = servers;
  }

  async listen(): Promise<{ port: number; busPort: number }> {
    for (const server of this.servers) await once(server.listen(0, '127.0.0.1'), 'listening');
    const [port, busPort] = this.servers.map((server) => (server.address() as AddressInfo).port);
    return { port, busPort };
  }

  async visitor(n: number): Promise<Socket> {
    while (this.visitors.length <= n) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.visitors[n];
  }
}

const sockets: Socket[] = [];

function dial(seat: Seat, from = '127.0.0.1', port = seat.clientPort): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** `once` would reject on the error before. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Collects what arrives. */
function ear(socket: Socket): { text: string; until(text: string): Promise<void> } {
  const heard = {
    text: '',
    async until(text: string) {
      while (!heard.text.includes(text)) await once(socket, 'data');
    },
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    heard.text += chunk;
  });
  return heard;
}

describe('a network that can be cut', () => {
  let network: CutNetwork;
  let hosts: Host[];
  let seats: Seat[];

  beforeEach(async () => {
    network = new CutNetwork();
    hosts = [new Host(), new Host(), new Host()];
    seats = [];
    for (const host of hosts) {
      const seat = await network.addSeat();
      network.connect(seat, await host.listen());
      seats.push(seat);
    }
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const { visitors } of hosts) for (const socket of visitors) socket.destroy();
    await network.close();
    for (const { servers } of hosts) for (const server of servers) server.close();
  });

  /** Time for anything that could arrive to arrive: several round trips of others through the same process. */
  async function fence(): Promise<void> {
    const { visitors } = hosts[2];
    for (let i = 0; i < 20; i++) {
      const client = dial(seats[2]);
      const server = await hosts[2].visitor(visitors.length);
      server.write('pong');
      await once(client, 'data');
    }
  }

  it('carries both ways, ports of both kinds, and ends', async () => {
    const client = dial(seats[1], seats[0].sourceAddress);
    const server = await hosts[1].visitor(0);
    const [there, back] = [ear(server), ear(client)];
    client.end('question');
    await once(server, 'end');
    expect(there.text).toBe('question');
    server.end('answer');
    await once(client, 'end');
    expect(back.text).toBe('answer');

    const bus = dial(seats[1], seats[0].sourceAddress, seats[1].busPort);
    await ear(bus).until('the bus');
  });

  it('carries more than its buffers hold, also to a slow reader', async () => {
    const client = dial(seats[1], seats[0].sourceAddress);
    const server = await hosts[1].visitor(0);
    server.pause();
    const block = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 32; i++) client.write(block);
    client.end();
    await fence();
    let bytes = 0;
    server.on('data', (chunk) => {
      bytes += chunk.length;
    });
    server.resume();
    await once(server, 'end');
    expect(bytes).toBe(32 << 20);
  });

  it('holds one direction back and lets the other go on, then delivers in order', async () => {
    const client = dial(seats[1], seats[0].sourceAddress);
    const server = await hosts[1].visitor(0);
    const [there, back] = [ear(server), ear(client)];
    client.write('a');
    await there.until('a');
    network.cut(seats[0], seats[1]);
    client.write('b');
    server.write('still heard');
    await back.until('still heard');
    await fence();
    client.write('c');
    await fence();
    expect(there.text).toBe('a');
    network.heal(seats[0], seats[1]);
    await there.until('abc');
  });

  it('cuts a pair whoever has connected, and nobody else', async () => {
    network.cut(seats[1], seats[0]);
    const [ab, ba, cb] = [
      dial(seats[1], seats[0].sourceAddress),
      dial(seats[0], seats[1].sourceAddress),
      dial(seats[1], seats[2].sourceAddress),
    ];
    await (await hosts[1].visitor(0)).write('for c');
    await ear(cb).until('for c');
    await fence();
    expect(hosts[1].visitors).toHaveLength(1); // neither of the two reached its host, though one way is open
    expect(hosts[0].visitors).toHaveLength(0);
    network.heal(seats[1], seats[0]);
    ab.write('a to b');
    ba.write('b to a');
    await ear(await hosts[1].visitor(1)).until('a to b');
    await ear(await hosts[0].visitor(0)).until('b to a');
  });

  it('keeps an end and an error to itself until it is healed', async () => {
    const clients = [0, 1].map(() => dial(seats[1], seats[0].sourceAddress));
    const servers = [await hosts[1].visitor(0), await hosts[1].visitor(1)];
    const ended: number[] = [];
    servers.forEach((server, i) => {
      server.resume();
      server.on('close', () => ended.push(i));
      server.on('end', () => {
        ended.push(i);
        server.end();
      });
    });
    network.isolate(seats[0]);
    clients[0].end();
    clients[1].resetAndDestroy();
    servers[0].write('into the void');
    servers[1].write('into the void');
    await fence();
    expect(ended).toEqual([]);
    const all = Promise.all(servers.map((server) => closed(server)));
    network.healAll();
    await all;
  });

  it('loses what was held back when a machine is lost, and only that', async () => {
    const client = dial(seats[1], seats[0].sourceAddress);
    const other = dial(seats[1], seats[2].sourceAddress);
    const server = await hosts[1].visitor(0);
    const there = ear(server);
    client.write('a');
    await there.until('a');
    network.cut(seats[0], seats[1]);
    client.write('b');
    await fence();
    const gone = Promise.all([closed(client.resume()), closed(server)]);
    network.lose(seats[0]);
    await gone;
    network.healAll();
    expect(there.text).toBe('a');
    (await hosts[1].visitor(1)).write('still here');
    await ear(other).until('still here');
  });

  it('never cuts off who is not of it, and is closed where nobody listens', async () => {
    network.isolate(seats[1]);
    const client = dial(seats[1]);
    (await hosts[1].visitor(0)).write('welcome');
    await ear(client).until('welcome');

    const empty = await network.addSeat();
    await closed(dial(empty).resume());
    const { servers, visitors } = hosts[2];
    for (const server of servers) server.close();
    expect(visitors).toEqual([]);
    await closed(dial(seats[2]).resume());
  });
});
