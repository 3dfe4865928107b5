// Opens the sockets that the configuration asks for: one per address of `bind`, clients and cluster bus alike, and the
// unix socket.

import {
  type Accept,
  ListenError,
  type Listener,
  listenTcp,
  listenUnix,
  type TurnEnd,
} from '@slotmesh/io';
import type { Config } from '../config/config.ts';
import { systemText } from '../config/system-text.ts';
import type { Logger } from '../log/logger.ts';
import { NodeStartError } from './errors.ts';

/** Errors that an address with a `-` before it may have: it is not this machine's, or its family is not there. */
const MAY_BE_MISSING = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL']);

/** One address of `bind`. */
export interface BindAddress {
  /** As it is configured, and as messages name it. */
  readonly text: string;
  readonly host: string;
  readonly optional: boolean;
}

const ANY_ADDRESS: ReadonlyMap<string, string> = new Map([
  ['*', '0.0.0.0'],
  ['::*', '::'],
]);

/** `*` and `::*` are every address of IPv4 and IPv6. */
export function parseBindAddress(text: string): BindAddress {
  const optional = text.startsWith('-');
  const address = optional ? text.slice(1) : text;
  return { text: address, host: ANY_ADDRESS.get(address) ?? address, optional };
}

/** Listens on a port of every address of `bind`. Throws {@link NodeStartError}; then none of them is open. */
export async function listenOnAll(
  what: 'TCP' | 'cluster',
  port: number,
  parts: { config: Config; log: Logger; turnEnd: TurnEnd; accept: Accept },
): Promise<Listener[]> {
  const { config, log, turnEnd, accept } = parts;
  const listeners: Listener[] = [];
  const backlog = config.number('tcp-backlog');
  for (const { text, host, optional } of config.words('bind').map(parseBindAddress)) {
    try {
      listeners.push(await listenTcp({ host, port, backlog }, turnEnd, accept));
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (optional && MAY_BE_MISSING.has(error.code)) continue;
      for (const listener of listeners) listener.close();
      const reason = systemText(error);
      log.warning(
        `Warning: Could not create server TCP listening socket ${text}:${port}: bind: ${reason}`,
      );
      throw new NodeStartError(`Failed listening on port ${port} (${what}), aborting.`);
    }
  }
  return listeners;
}

/** Listens on the unix socket, if there is to be one. Throws {@link NodeStartError}. */
export async function listenOnUnixSocket(
  path: string,
  config: Config,
  turnEnd: TurnEnd,
  accept: Accept,
): Promise<Listener> {
  const mode = Number.parseInt(config.text('unixsocketperm'), 8);
  try {
    const backlog = config.number('tcp-backlog');
    return await listenUnix({ path, mode, backlog }, turnEnd, accept);
  } catch (error) {
    throw new NodeStartError(`Failed opening Unix socket: bind: ${systemText(error)}: ${path}`);
  }
}
