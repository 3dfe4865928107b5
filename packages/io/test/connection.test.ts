import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type CloseReason,
  Connection,
  type Listener,
  listenTcp,
  listenUnix,
  TurnEnd,
} from '../src/index.ts';
import { deferred } from './deferred.ts';

const turnEnd = new TurnEnd();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

interface Served {
  readonly connection: Connection;
  received: Buffer;
  readonly closed: Promise<CloseReason>;
  /** How often it was told that what had waited has left. */
  drained: number;
}

/** A server that keeps what it receives; `served` resolves with its first connection. */
async function serve(onData?: (served: Served, chunk: Uint8Array) => void) {
  const first = deferred<Served>();
  const accept = (connection: Connection) => {
    const end = deferred<CloseReason>();
    const served: Served = {
      connection,
      received: Buffer.alloc(0),
      closed: end.promise,
      drained: 0,
    };
    first.resolve(served);
    return {
      onData(chunk: Uint8Array) {
        served.received = Buffer.concat([served.received, chunk]);
        onData?.(served, chunk);
      },
      onDrained() {
        served.drained++;
      },
      onClosed: end.resolve,
    };
  };
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, turnEnd, accept);
  cleanups.push(() => listener.close());
  return { port: listener.port, served: first.promise, accept };
}

function client(target: number | string): Socket {
  const socket =
    typeof target === 'string' ? connect(target) : connect({ port: target, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  cleanups.push(() => socket.destroy());
  return socket;
}

/** Everything that arrives until the other side closes. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

function waitFor(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (condition() ? resolve() : void setImmediate(look));
    look();
  });
}

describe('an accepted connection', () => {
  it('receives, answers in one write per turn, and hears why it is over', async () => {
    const { port, served } = await serve((server, chunk) => {
      for (const byte of chunk) server.connection.write(Uint8Array.of(byte));
    });
    const socket = client(port);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write('hello');
    await waitFor(() => Buffer.concat(chunks).length === 5);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    const server = await served;
    expect(server.connection.receivedBytes).toBe(5);
    expect(server.connection.sentBytes).toBe(5);
    expect(server.connection.remoteAddress).toBe('127.0.0.1');
    expect(server.connection.remotePort).toBe(socket.localPort);
    expect(server.connection.localPort).toBe(port);
    socket.end();
    expect(await server.closed).toEqual({ kind: 'ended' });
  });

  it('answers what came just before the other side finished', async () => {
    const { port } = await serve((server, chunk) =>
      server.connection.write(Uint8Array.from(chunk)),
    );
    const socket = client(port);
    socket.end('last words');
    expect(await readAll(socket)).toBe('last words');
  });

  it('takes a megabyte whole, and keeps nothing of the shared read buffer', async () => {
    const sent = Buffer.alloc(1 << 20);
    for (let i = 0; i < sent.length; i++) sent[i] = (i * 31) >> 3;
    const { port, served } = await serve();
    const [a, b] = [client(port), client(port)];
    b.write('x'.repeat(1000));
    a.write(sent);
    b.write('y'.repeat(1000));
    const server = await served;
    await waitFor(() => server.received.length >= 1000);
    const big = server.received.length === 2000 ? null : server;
    if (big !== null) {
      await waitFor(() => big.received.length === sent.length || big.received.length === 2000);
      if (big.received.length !== 2000) expect(big.received.equals(sent)).toBe(true);
    }
  });

  it('asks its source for output at the end of the turn, once', async () => {
    let asked = 0;
    const { port, served } = await serve((server) => {
      server.connection.schedule();
      server.connection.schedule();
    });
    const socket = client(port);
    const server = await served;
    let accepted = 0;
    server.connection.setOutputSource(
      () => {
        asked++;
        return text('from the source');
      },
      () => accepted++,
    );
    socket.write('?');
    const [chunk] = await new Promise<Buffer[]>((resolve) =>
      socket.once('data', (data) => resolve([data])),
    );
    expect(String(chunk)).toBe('from the source');
    expect(asked).toBe(1);
    expect(accepted).toBe(1);
  });

  it('does not give memory back to the output source while the system has not taken it', async () => {
    const { port, served } = await serve((server) => server.connection.schedule());
    const socket = client(port);
    socket.pause();
    const server = await served;
    const sent = new Uint8Array(32 * 1024 * 1024).fill(120);
    let accepted = 0;
    server.connection.setOutputSource(
      () => sent,
      () => accepted++,
    );
    socket.write('?');
    while (server.connection.sentBytes === 0) await new Promise(setImmediate);
    expect(server.connection.waitingBytes).toBeGreaterThan(0);
    expect(accepted).toBe(0);
    server.connection.destroy();
  });

  /** A connection whose source gives what is in `outputs`, one after the other. The first is written already. */
  async function sourced(outputs: Uint8Array[]) {
    const { port, served } = await serve();
    const socket = client(port);
    const server = await served;
    const { connection } = server;
    connection.setOutputSource(() => outputs.shift() ?? null);
    const flush = (): void => connection.flush();
    // What a write needs is learnt from the first one.
    outputs.unshift(text('!'));
    flush();
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    return { socket, server, connection, flush };
  }

  it('keeps the order, whatever the system takes at once', async () => {
    const outputs = [3, 20_000_000, 5, 0, 7, 1_000_000, 1].map((length, i) =>
      new Uint8Array(length).fill(97 + i),
    );
    const expected = Buffer.concat(outputs).toString();
    const { socket, connection, flush, server } = await sourced(outputs);
    flush();
    expect(connection.waitingBytes).toBe(0);
    flush();
    expect(connection.waitingBytes).toBeGreaterThan(0);
    flush();
    flush();
    const all = readAll(socket);
    socket.resume();
    await waitFor(() => connection.waitingBytes === 0);
    expect(server.drained).toBeGreaterThan(0);
    while (outputs.length > 0) flush();
    connection.end();
    expect((await all) === expected).toBe(true);
    expect(await server.closed).toEqual({ kind: 'closed' });
  });

  it("ends with the system's code when a write that waits cannot be finished", async () => {
    const { socket, connection, flush, server } = await sourced([new Uint8Array(20_000_000)]);
    flush();
    expect(connection.waitingBytes).toBeGreaterThan(0);
    socket.resetAndDestroy();
    const reason = await server.closed;
    expect(reason.kind).toBe('failed');
    expect((reason as { code: string }).code).toMatch(/^(ECONNRESET|EPIPE)$/);
    flush();
    expect(connection.ending).toBe(true);
  });

  it('may be destroyed while a write waits', async () => {
    const { connection, flush, server } = await sourced([new Uint8Array(20_000_000), text('more')]);
    flush();
    connection.destroy();
    flush();
    expect(await server.closed).toEqual({ kind: 'closed' });
  });

  it('sends what is left when it ends, and reads no more', async () => {
    const { port, served } = await serve((server) => {
      server.connection.write(text('bye'));
      server.connection.end();
    });
    const socket = client(port);
    const all = readAll(socket);
    socket.write('quit');
    expect(await all).toBe('bye');
    expect(await (await served).closed).toEqual({ kind: 'closed' });
  });

  it('is reset: the code is in the reason', async () => {
    const { port, served } = await serve();
    const socket = client(port);
    const server = await served;
    socket.resetAndDestroy();
    expect(await server.closed).toEqual({ kind: 'failed', code: 'ECONNRESET' });
  });

  it('is closed at the hard limit when nobody reads', async () => {
    const { port, served } = await serve();
    const socket = client(port);
    socket.pause();
    const { connection, closed } = await served;
    connection.limits = { hardBytes: 1 << 20, softBytes: 0, softMs: 0 };
    const chunk = new Uint8Array(1 << 18);
    const pump = () => {
      if (connection.ending) return;
      connection.write(chunk);
      setImmediate(pump);
    };
    pump();
    const reason = await closed;
    expect(reason).toMatchObject({ kind: 'outputLimit', limit: 'hard' });
    expect(reason.kind === 'outputLimit' && reason.waitingBytes).toBeGreaterThanOrEqual(1 << 20);
  });

  it('counts what a source holds, and closes at the soft limit only after its time', async () => {
    const { port, served } = await serve();
    client(port);
    const { connection, closed } = await served;
    connection.limits = { hardBytes: 0, softBytes: 1000, softMs: 1e9 };
    expect(connection.checkOutput(999)).toBe(false);
    expect(connection.checkOutput(1000)).toBe(false);
    expect(connection.checkOutput(5000)).toBe(false);
    connection.limits = { hardBytes: 0, softBytes: 1000, softMs: -1 };
    expect(connection.checkOutput(1000)).toBe(true);
    expect(await closed).toEqual({ kind: 'outputLimit', limit: 'soft', waitingBytes: 1000 });
  });
});

describe('an outgoing connection', () => {
  it('sends what was written before it stood', async () => {
    const { port, served } = await serve();
    const connected = deferred<void>();
    const closed = deferred<CloseReason>();
    const connection = Connection.open({ host: '127.0.0.1', port }, turnEnd, {
      onConnected: () => connected.resolve(),
      onData: () => undefined,
      onClosed: closed.resolve,
    });
    connection.write(text('early'));
    await connected.promise;
    const server = await served;
    await waitFor(() => server.received.length === 5);
    connection.destroy();
    expect(await closed.promise).toEqual({ kind: 'closed' });
  });

  it('says why it could not be made', async () => {
    const closed = deferred<CloseReason>();
    const probe = createServer();
    const port = await new Promise<number>((resolve) => {
      probe.listen(0, '127.0.0.1', () => resolve((probe.address() as { port: number }).port));
    });
    await new Promise((resolve) => probe.close(resolve));
    Connection.open({ host: '127.0.0.1', port }, turnEnd, {
      onConnected: () => undefined,
      onData: () => undefined,
      onClosed: closed.resolve,
    });
    expect(await closed.promise).toEqual({ kind: 'failed', code: 'ECONNREFUSED' });
  });
});

describe('listeners', () => {
  it('name a port that is taken', async () => {
    const { port, accept } = await serve();
    await expect(listenTcp({ host: '127.0.0.1', port }, turnEnd, accept)).rejects.toMatchObject({
      name: 'ListenError',
      code: 'EADDRINUSE',
      address: `127.0.0.1:${port}`,
    });
  });

  it('open IPv4 and IPv6 on one port side by side', async () => {
    const { accept } = await serve();
    const four = await listenTcp({ host: '0.0.0.0', port: 0 }, turnEnd, accept);
    cleanups.push(() => four.close());
    let six: Listener | null = null;
    try {
      six = await listenTcp({ host: '::', port: four.port }, turnEnd, accept);
    } catch (error) {
      // A machine without IPv6 says so in one of two ways.
      expect(['EAFNOSUPPORT', 'EADDRNOTAVAIL']).toContain((error as { code: string }).code);
    }
    six?.close();
  });

  it('make a unix socket with the mode asked for, in place of one that was left', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotmesh-unix-'));
    cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
    const path = join(dir, 'node.sock');
    writeFileSync(path, '');
    const { accept, served } = await serve();
    const umask = process.umask();
    const listener = await listenUnix({ path, mode: 0o770 }, turnEnd, accept);
    expect(process.umask()).toBe(umask);
    expect(statSync(path).mode & 0o777).toBe(0o770);
    client(path).write('over a file');
    const server = await served;
    await waitFor(() => server.received.length === 11);
    listener.close();
    await waitFor(() => !existsSync(path));
    await expect(
      listenUnix({ path: join(dir, 'none', 'x.sock') }, turnEnd, accept),
    ).rejects.toMatchObject({ name: 'ListenError' });
  });
});
