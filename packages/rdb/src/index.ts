export { Crc64 } from './crc64.ts';
export {
  type DumpedValue,
  type DumpOptions,
  dumpPayload,
  type ParseDumpOptions,
  parseDumpPayload,
} from './dump.ts';
export { RdbError, type RdbErrorCode, RdbUsageError, type RdbUsageErrorCode } from './errors.ts';
export type {
  RdbAux,
  RdbDatabase,
  RdbEnd,
  RdbEntry,
  RdbEvent,
  RdbFunctionLibrary,
  RdbHeader,
  RdbModuleAux,
  RdbSizes,
  RdbSlotInfo,
} from './events.ts';
export { NO_EXPIRY } from './format.ts';
export { DEFAULT_RDB_LIMITS, type RdbLimits } from './limits.ts';
export { LzfCompressor, lzfDecompress } from './lzf.ts';
export { RdbReader, type RdbReaderOptions } from './reader.ts';
export type {
  RdbHash,
  RdbList,
  RdbModule,
  RdbPendingEntry,
  RdbSet,
  RdbSortedSet,
  RdbStream,
  RdbStreamConsumer,
  RdbStreamEntry,
  RdbStreamGroup,
  RdbStreamHistory,
  RdbStreamId,
  RdbString,
  RdbValue,
} from './value.ts';
export { RdbWriter, type RdbWriterOptions } from './writer.ts';
