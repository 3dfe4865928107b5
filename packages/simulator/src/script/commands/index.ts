// The table of the language's commands, in the order of the page about it.

import type { ScriptCommand } from '../command.ts';
import { DISK_COMMANDS } from './disks.ts';
import { NETWORK_COMMANDS } from './network.ts';
import { OPERATOR_COMMANDS } from './operators.ts';
import { PROCESS_COMMANDS } from './processes.ts';
import { REPLICA_COMMANDS } from './replicas.ts';
import { cluster, nodes, world } from './setup.ts';
import { WATCHING_COMMANDS } from './watching.ts';

/** A chapter of the language. */
export interface Chapter {
  readonly title: string;
  readonly commands: readonly ScriptCommand[];
}

export const CHAPTERS: readonly Chapter[] = [
  { title: 'Worlds and nodes', commands: [world, cluster, nodes] },
  { title: 'Time and what is seen', commands: WATCHING_COMMANDS },
  { title: 'Operators', commands: OPERATOR_COMMANDS },
  { title: 'Replicas', commands: REPLICA_COMMANDS },
  { title: 'Network', commands: NETWORK_COMMANDS },
  { title: 'Processes and clocks', commands: PROCESS_COMMANDS },
  { title: 'Disks', commands: DISK_COMMANDS },
];

const BY_NAME: ReadonlyMap<string, ScriptCommand> = new Map(
  CHAPTERS.flatMap(({ commands }) => commands.map((one) => [one.name, one] as const)),
);

export function commandOf(name: string): ScriptCommand | undefined {
  return BY_NAME.get(name);
}
