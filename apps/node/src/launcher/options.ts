// The command line of `slotmesh-cluster`.

import { resolve } from 'node:path';

/** A wrong option; the message is the line to print. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export interface LauncherOptions {
  /** null = not given: as the cluster in the directory has it, or {@link DEFAULT_PRIMARIES}. */
  readonly primaries: number | null;
  /** Of each primary; null = not given: as the cluster in the directory has it, or {@link DEFAULT_REPLICAS}. */
  readonly replicas: number | null;
  /** Port of the first node, the others follow; null = not given. */
  readonly port: number | null;
  /** Absolute. */
  readonly directory: string;
  readonly reset: boolean;
  readonly help: boolean;
}

export const DEFAULT_PRIMARIES = 3;
export const DEFAULT_REPLICAS = 1;
export const DEFAULT_PORT = 7000;
export const BUS_PORT_OFFSET = 10_000;
/** More processes than that are no local cluster any more. */
export const NODES_MAX = 100;
const PORT_MAX = 65_535 - BUS_PORT_OFFSET;

export const USAGE: string = `Usage: slotmesh-cluster [--primaries 3] [--replicas 1] [--port 7000] [--dir .slotmesh] [--reset]

Starts a local cluster, one process per node, and stays in the foreground; Ctrl-C stops it. The next start
finds the same cluster again.

  --primaries <n>  nodes that own slots, at least 1 (default ${DEFAULT_PRIMARIES})
  --replicas <n>   replicas of each of them (default ${DEFAULT_REPLICAS}); ${NODES_MAX} nodes at most in all
  --port <n>       port of the first node; the others take the ports after it (default ${DEFAULT_PORT})
  --dir <path>     where the nodes keep their files (default .slotmesh)
  --reset          forgets the cluster in that directory first
`;

/** Understands the arguments after the program's name; a relative directory is taken from `from`. */
export function parseLauncherOptions(args: readonly string[], from: string): LauncherOptions {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const rest = args.flatMap((arg) => {
    const equals = arg.indexOf('=');
    return arg.startsWith('--') && equals > 0
      ? [arg.slice(0, equals), arg.slice(equals + 1)]
      : [arg];
  });
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i];
    if (arg === '--reset' || arg === '--help' || arg === '-h') {
      flags.add(arg);
    } else if (
      arg === '--primaries' ||
      arg === '--replicas' ||
      arg === '--port' ||
      arg === '--dir'
    ) {
      const value = rest[++i];
      if (value === undefined) throw new UsageError(`${arg} needs a value`);
      values.set(arg, value);
    } else {
      throw new UsageError(`unknown option ${arg}`);
    }
  }
  const directory = values.get('--dir') ?? '.slotmesh';
  if (directory === '') throw new UsageError('--dir needs a path');
  const options = {
    primaries: whole('--primaries', values.get('--primaries'), 1, NODES_MAX),
    replicas: whole('--replicas', values.get('--replicas'), 0, NODES_MAX - 1),
    port: whole('--port', values.get('--port'), 1, PORT_MAX),
    directory: resolve(from, directory),
    reset: flags.has('--reset'),
    help: flags.has('--help') || flags.has('-h'),
  };
  return options;
}

function whole(name: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${name} must be a number from ${least} to ${most}, not ${text}`);
}

/** Throws {@link UsageError} where there are too many nodes, or the last one's ports would be no ports. */
export function checkNodes(port: number, nodes: number): void {
  if (nodes > NODES_MAX) {
    throw new UsageError(
      `${nodes} nodes are too many: ${NODES_MAX} at most, primaries and replicas`,
    );
  }
  if (port + nodes - 1 <= PORT_MAX) return;
  throw new UsageError(
    `--port ${port} is too high for ${nodes} nodes: their bus ports lie ${BUS_PORT_OFFSET} above`,
  );
}
