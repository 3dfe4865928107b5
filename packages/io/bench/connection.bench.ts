// What a request costs between the socket and its handler: echo servers on the loopback address, ours and one on plain
// node:net, asked by the same clients in the same process. Each request is answered by one write; with a pipeline, ours
// answers all requests of a turn in one write, as a command processor does, and the plain one answers each by itself.

import { createServer, type Server, Socket } from 'node:net';
import { formatNs, interleave, ratio, type TableRow, table } from '../../../scripts/bench-kit.ts';
import { listenTcp, TurnEnd } from '../src/index.ts';

const CONNECTIONS = 8;
const REQUEST = new TextEncoder().encode('*1\r\n$8\r\n12345678\r\n..');

/** Reads requests of a fixed size from chunks cut anywhere. */
class Counter {
  #rest = 0;
  /** How many requests a chunk completes. */
  take(bytes: number): number {
    const total = this.#rest + bytes;
    this.#rest = total % REQUEST.length;
    return (total - this.#rest) / REQUEST.length;
  }
}

async function ours(): Promise<{ port: number; close(): void }> {
  const turnEnd = new TurnEnd();
  return listenTcp({ host: '127.0.0.1', port: 0 }, turnEnd, (connection) => {
    const counter = new Counter();
    let due = 0;
    connection.setOutputSource(() => {
      const bytes = new Uint8Array(due * REQUEST.length);
      for (let i = 0; i < due; i++) bytes.set(REQUEST, i * REQUEST.length);
      due = 0;
      return bytes;
    });
    return {
      onData: (chunk) => {
        due += counter.take(chunk.length);
        if (due > 0) connection.schedule();
      },
      onClosed: () => undefined,
    };
  });
}

function plain(): Promise<{ port: number; close(): void }> {
  return new Promise((resolve) => {
    const server: Server = createServer((socket) => {
      const counter = new Counter();
      socket.setNoDelay(true);
      socket.on('data', (chunk) => {
        for (let due = counter.take(chunk.length); due > 0; due--) socket.write(REQUEST);
      });
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as { port: number }).port, close: () => server.close() });
    });
  });
}

/** Clients that keep `pipeline` requests under way each, until `requests` were answered. */
class Clients {
  readonly #sockets: Socket[] = [];
  readonly #counters: Counter[] = [];

  async connect(port: number): Promise<this> {
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = new Socket().connect(port, '127.0.0.1').setNoDelay(true);
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      this.#sockets.push(socket);
      this.#counters.push(new Counter());
    }
    return this;
  }

  run(requests: number, pipeline: number): Promise<number> {
    const batch = new Uint8Array(pipeline * REQUEST.length);
    for (let i = 0; i < pipeline; i++) batch.set(REQUEST, i * REQUEST.length);
    return new Promise((resolve) => {
      let answered = 0;
      this.#sockets.forEach((socket, i) => {
        let open = pipeline;
        socket.removeAllListeners('data');
        socket.on('data', (chunk) => {
          const count = this.#counters[i].take(chunk.length);
          answered += count;
          open -= count;
          if (answered === requests) resolve(answered);
          // Every client sends the same share, so that the sum comes out even.
          if (open === 0 && this.#left[i] > 0) {
            open = pipeline;
            this.#left[i] -= pipeline;
            socket.write(batch);
          }
        });
        this.#left[i] = requests / CONNECTIONS - pipeline;
        socket.write(batch);
      });
    });
  }
  readonly #left: number[] = [];

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const servers = [await ours(), await plain()];
  const clients = await Promise.all(servers.map(({ port }) => new Clients().connect(port)));
  try {
    const rows: TableRow[] = [];
    for (const pipeline of [1, 16]) {
      const operations = (quick ? 1 : 200) * CONNECTIONS * 16;
      for (const client of clients) {
        const answered = await client.run(operations, pipeline);
        if (answered !== operations) throw new Error(`${answered} of ${operations} answered`);
      }
      const [mine, theirs] = await interleave({
        rounds: quick ? 1 : 11,
        warmUpRounds: quick ? 0 : 3,
        cases: clients.map((client, i) => ({
          name: i === 0 ? 'io' : 'node:net',
          operations,
          run: () => client.run(operations, pipeline),
        })),
      });
      rows.push({
        pipeline,
        'io, CPU per request': formatNs(mine.cpuNsPerOperation),
        'node:net, CPU per request': formatNs(theirs.cpuNsPerOperation),
        'io ahead by': ratio(mine.cpuNsPerOperation, theirs.cpuNsPerOperation),
      });
    }
    console.log('Requests over the loopback address, clients in the same process included');
    table(rows);
  } finally {
    for (const client of clients) client.close();
    for (const server of servers) server.close();
  }
}
