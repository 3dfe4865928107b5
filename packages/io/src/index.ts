export {
  type FileContent,
  type ReplaceOptions,
  removeLeftovers,
  replaceFile,
  replaceFileSync,
} from './atomic-file.ts';
export { Backoff, type BackoffOptions, DEFAULT_BACKOFF } from './backoff.ts';
export { ClusterClock, StallDetector, systemTime, type TimeSource } from './clock.ts';
export {
  type CloseReason,
  Connection,
  type ConnectionHandler,
  type OutputSource,
} from './connection.ts';
export { DurableFile } from './durable-file.ts';
export { errorCode, FileError, FileLockedError, type FileStep, ListenError } from './errors.ts';
export { FileLock } from './file-lock.ts';
export {
  type FileSystem,
  type Maybe,
  nodeFileSystem,
  nodeFileSystemSync,
  type OpenFile,
} from './file-system.ts';
export {
  type Accept,
  type Listener,
  listenTcp,
  listenUnix,
  type TcpListenOptions,
  type UnixListenOptions,
} from './listener.ts';
export { NO_OUTPUT_LIMITS, type OutputLimits, OutputMeter } from './output-meter.ts';
export {
  type LinkHandler,
  type LinkOptions,
  type LinkState,
  ReconnectingLink,
} from './reconnecting-link.ts';
export { type Flushable, TurnEnd } from './turn.ts';
