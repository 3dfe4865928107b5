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
