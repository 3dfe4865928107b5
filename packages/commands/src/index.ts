export { CommandBatch, PendingCommand } from './batch.ts';
export { ClientRegistry } from './clients.ts';
export type { ClusterPort } from './cluster-port.ts';
export {
  DatasetError,
  type DatasetErrorCode,
} from './dataset/errors.ts';
export { DatasetLoader, type DatasetLoaderOptions } from './dataset/loader.ts';
export { DatasetWriter, type DatasetWriterOptions } from './dataset/writer.ts';
export type {
  LoadingFacts,
  PersistenceFacts,
  PersistencePort,
  SaveOutcome,
} from './persistence-port.ts';
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
export { CommandProcessor } from './processor.ts';
export { PubSub } from './pubsub.ts';
export type {
  PrimaryLinkFacts,
  ReplicaFacts,
  ReplicationFacts,
  ReplicationFeed,
  ReplicationPort,
} from './replication-port.ts';
export {
  type ReplyMode,
  Session,
  type SessionOptions,
  type SessionTransport,
} from './session.ts';
export { ServerStats } from './stats.ts';
export { REDIS_VERSION } from './version.ts';
