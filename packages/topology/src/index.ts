export { StatusBit } from './columns.ts';
export {
  type LinkId,
  type NewNode,
  NO_LABELS,
  NO_LINK,
  NO_NODE,
  type NodeAddress,
  type NodeIndex,
  type NodeLabels,
} from './node.ts';
export { NODES_MAX, Topology, TopologyError } from './topology.ts';
