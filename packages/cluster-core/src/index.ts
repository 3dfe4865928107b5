// ClusterInput and ClusterEffect speak of bus messages, so whoever names those can name these.
export type { BusMessage } from '@slotmesh/cluster-bus';
export type {
  ElectionStrategy,
  FailoverMode,
  FailoverNotice,
  FailoverObstacle,
  RoleEffect,
  VoteRefusal,
} from '@slotmesh/failover';
export type { ShareEntry } from '@slotmesh/gossip';
export { type BusLink, ClusterCore, type ClusterCoreParts } from './cluster-core.ts';
export {
  type ClusterEffect,
  type ClusterInput,
  type ClusterNotice,
  type ClusterOptions,
  clusterDefaults,
  type KeyPresence,
  type LocalFacts,
  type OperatorCommand,
  type OperatorOutcome,
  type Route,
  type RouteRequest,
} from './contract.ts';
export { recoverySilenceMsMax } from './own-data.ts';
export { decideRoute } from './route.ts';
