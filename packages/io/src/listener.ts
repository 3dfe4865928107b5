// Listening sockets. Addresses are given one by one and each gets its own listener, as `bind` in redis.conf wants it.

import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { Connection, type ConnectionHandler } from './connection.ts';
import { errorCode, ListenError } from './errors.ts';
import type { TurnEnd } from './turn.ts';

/** Called for each connection that is accepted; gives its handler, or null to close it at once. */
export type Accept = (connection: Connection) => ConnectionHandler;

export interface Listener {
  /** The port that was opened; 0 for a unix socket. */
  readonly port: number;
  /** Stops accepting; open connections stay. */
  close(): void;
}

export interface TcpListenOptions {
  /** A numeric address. "0.0.0.0" and "::" are every address of their family. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly backlog?: number;
}

function open(
  address: string,
  options: ListenOptions,
  turnEnd: TurnEnd,
  accept: Accept,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      Connection.accepted(socket, turnEnd, accept);
    });
    const failed = (error: Error) => reject(new ListenError(address, error));
    server.once('error', failed);
    server.listen(options, () => {
      server.off('error', failed);
      // Out of file descriptors: that one connection is lost, the listener goes on.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

/** Listens on a TCP address. Rejects with a {@link ListenError}. */
export async function listenTcp(
  options: TcpListenOptions,
  turnEnd: TurnEnd,
  accept: Accept,
): Promise<Listener> {
  const { host, port, backlog = 511 } = options;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  // "::" alone, or an IPv4 listener on the same port could not stand beside it.
  const server = await open(
    address,
    { host, port, backlog, ipv6Only: host.includes(':') },
    turnEnd,
    accept,
  );
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : port,
    close: () => server.close(),
  };
}

export interface UnixListenOptions {
  readonly path: string;
  /** Permission bits; 0 = what the umask leaves. */
  readonly mode?: number;
  readonly backlog?: number;
}

/**
 * Listens on a unix socket; a socket file that is left from before is replaced. With a `mode`, nobody else can connect
 * before the bits are set: the socket is made under a umask that denies all, then opened up.
 * Rejects with a {@link ListenError}.
 */
export async function listenUnix(
  options: UnixListenOptions,
  turnEnd: TurnEnd,
  accept: Accept,
): Promise<Listener> {
  const { path, mode = 0, backlog = 511 } = options;
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw new ListenError(path, error);
  }
  // bind() happens inside listen(), before it returns: the umask spans just that.
  const umask = mode === 0 ? null : process.umask(0o777);
  let opening: Promise<Server>;
  try {
    opening = open(path, { path, backlog }, turnEnd, accept);
  } finally {
    if (umask !== null) process.umask(umask);
  }
  const server = await opening;
  if (mode !== 0) {
    try {
      chmodSync(path, mode);
    } catch (error) {
      server.close();
      throw new ListenError(path, error);
    }
  }
  return { port: 0, close: () => server.close() };
}
