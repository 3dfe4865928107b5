// Writes a whole file, so that the oldest of its readers understands every line of it, with the checksum at its end.

import { checkConf } from './check.ts';
import { formatVarsLabels, type LabelAudience, type NodesConfDialect } from './labels.ts';
import { formatNodeLine } from './node-line.ts';
import type { NodesConf, NodesConfNode } from './nodes-conf.ts';
import { crc64OfFile, VARS } from './parse.ts';

/** How a file is written. */
export interface FormatOptions {
  /** The oldest server that must be able to read the file; `redis7.0` unless told otherwise. */
  readonly dialect?: NodesConfDialect;
}

/**
 * The text of the file. `parseNodesConf` gives an equal configuration again, whatever the dialect. Throws
 * {@link NodesConfError} where no file could hold it.
 */
export function formatNodesConf(conf: NodesConf, options: FormatOptions = {}): string {
  checkConf(conf);
  const audience = {
    dialect: options.dialect ?? 'redis7.0',
    strayReplicas: strayReplicas(conf.nodes),
  };
  const lines = conf.nodes.map((node) => `${formatNodeLine(node, audience)}\n`);
  const head = `${lines.join('')}${formatVars(conf, audience)} ${VARS.checksum} `;
  return `${head}${crc64OfFile(head)}\n`;
}

function formatVars(conf: NodesConf, audience: LabelAudience): string {
  const fields = ['vars', VARS.currentEpoch, conf.currentEpoch];
  if (conf.lastVoteEpoch !== null) fields.push(VARS.lastVoteEpoch, conf.lastVoteEpoch);
  fields.push(VARS.labels, formatVarsLabels(conf.nodes, audience));
  return fields.join(' ');
}

/** The replicas whose shard id differs from their primary's, as it may for a moment after a change. */
function strayReplicas(nodes: readonly NodesConfNode[]): Set<string> {
  const shardIds = new Map(nodes.map((node) => [node.id, node.shardId]));
  const strays = nodes.filter(
    ({ primary, shardId }) => primary !== null && shardId !== shardIds.get(primary),
  );
  return new Set(strays.map((node) => node.id));
}
