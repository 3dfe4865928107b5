export type { ClusterPort } from './cluster-port.ts';
export type {
  AuthPort,
  ClockPort,
  ConfigPort,
  ConfigSetOutcome,
  DebugPort,
  Ports,
  ServerFacts,
  ServerPort,
  ShutdownRequest,
} from './ports.ts';
export {
  type ReplyMode,
  Session,
  type SessionOptions,
  type SessionTransport,
} from './session.ts';
