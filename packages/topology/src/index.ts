export type { Census } from './census.ts';
export { STATUS_LIMIT, StatusBit } from './columns.ts';
export type { NamedNode } from './id-hints.ts';
export { type DurableTable, TopologyImage } from './image.ts';
export { checkInvariants, TopologyAssertionError } from './invariants.ts';
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
export {
  clientPort,
  type EndpointType,
  preferredEndpoint,
  type ViewOptions,
} from './views/endpoint.ts';
export { type BusTypeCount, type ClusterInfoFacts, clusterInfoText } from './views/info-text.ts';
export { type LinkFacts, type LinkView, linksView } from './views/links-view.ts';
export { clusterNodeLine, clusterNodesText, clusterReplicaLines } from './views/nodes-text.ts';
export { nodesInOrder } from './views/order.ts';
export { type ShardNode, type ShardView, shardsView } from './views/shards-view.ts';
export { type SlotsEntry, type SlotsNode, slotsView } from './views/slots-view.ts';
