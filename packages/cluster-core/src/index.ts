// ClusterInput and ClusterEffect speak of bus messages, so whoever names those can name these.
export type { BusMessage } from '@slotmesh/cluster-bus';
export { type BusLink, ClusterCore, type ClusterCoreParts } from './cluster-core.ts';
export type {
  ClusterEffect,
  ClusterInput,
  ClusterNotice,
  ClusterOptions,
  KeyPresence,
  LocalFacts,
  OperatorCommand,
  OperatorOutcome,
  Route,
  RouteRequest,
} from './contract.ts';
export { decideRoute } from './route.ts';
