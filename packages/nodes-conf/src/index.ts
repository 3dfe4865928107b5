export { NodesConfError, type NodesConfErrorCode } from './errors.ts';
export { type FormatOptions, formatNodesConf } from './format.ts';
export {
  type NodesConfJson,
  type NodesConfNodeJson,
  nodesConfFromJson,
  nodesConfToJson,
} from './json.ts';
export type { NodesConfDialect } from './labels.ts';
export {
  NODES_CONF_BYTES_MAX,
  type NodesConf,
  type NodesConfNode,
  type OpenSlot,
} from './nodes-conf.ts';
export { parseNodesConf } from './parse.ts';
export {
  type FromTopologyOptions,
  fromTopology,
  type ToTopologyOptions,
  toTopology,
} from './topology.ts';
