// INFO: which sections are asked for, and their text. What the sections say is in info-sections.ts.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { persistenceSection, replicationSection } from './info-replication.ts';
import {
  clientsSection,
  clusterSection,
  commandStatsSection,
  cpuSection,
  errorStatsSection,
  type InfoFields,
  type InfoSource,
  keyspaceSection,
  latencyStatsSection,
  memorySection,
  serverSection,
  statsSection,
} from './info-sections.ts';

interface Section {
  readonly title: string;
  /** Shown where nothing else is asked for. */
  readonly isDefault: boolean;
  readonly fields: (source: InfoSource) => InfoFields;
}

/** In the order of the reply; the word that asks for a section is its title in any case. */
const SECTIONS: readonly Section[] = [
  { title: 'Server', isDefault: true, fields: serverSection },
  { title: 'Clients', isDefault: true, fields: clientsSection },
  { title: 'Memory', isDefault: true, fields: memorySection },
  { title: 'Persistence', isDefault: true, fields: persistenceSection },
  { title: 'Stats', isDefault: true, fields: statsSection },
  { title: 'Replication', isDefault: true, fields: replicationSection },
  { title: 'CPU', isDefault: true, fields: cpuSection },
  { title: 'Modules', isDefault: true, fields: () => [] },
  { title: 'Commandstats', isDefault: false, fields: commandStatsSection },
  { title: 'Errorstats', isDefault: true, fields: errorStatsSection },
  { title: 'Latencystats', isDefault: false, fields: latencyStatsSection },
  { title: 'Cluster', isDefault: true, fields: clusterSection },
  { title: 'Keyspace', isDefault: true, fields: keyspaceSection },
];

export function infoCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const wanted = new Set<string>();
  if (args.count === 1) wanted.add('default');
  for (let i = 1; i < args.count; i++) wanted.add(latin1Of(args, i).toLowerCase());
  reply.verbatim('txt', infoText(context, wanted));
}

/** `wanted` holds lower-case titles or `default`, `all`, `everything`; unknown words ask for nothing. */
export function infoText(context: CommandContext, wanted: ReadonlySet<string>): string {
  const all = wanted.has('all') || wanted.has('everything');
  const shown = SECTIONS.filter(
    ({ title, isDefault }) =>
      all || (isDefault && wanted.has('default')) || wanted.has(title.toLowerCase()),
  );
  if (shown.length === 0) return '';
  const source: InfoSource = { context, facts: context.ports.server.facts() };
  return shown
    .map(({ title, fields }) => {
      const lines = fields(source).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}
