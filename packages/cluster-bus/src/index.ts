export { decodeBusMessage } from './decode.ts';
export { BusDecoder } from './decoder.ts';
export { encodeBusMessage } from './encode.ts';
export {
  BusDecodeError,
  type BusDecodeErrorCode,
  BusEncodeError,
  type BusEncodeErrorCode,
} from './errors.ts';
export { busMessageBytes } from './length.ts';
export { type BusLimits, DEFAULT_BUS_LIMITS } from './limits.ts';
export {
  type BareMessage,
  type BusHeader,
  type BusMessage,
  type FailMessage,
  type FailoverAuthNackMessage,
  type GossipEntry,
  MessageFlag,
  type ModuleMessage,
  NodeFlag,
  type PingExtension,
  type PingMessage,
  type PublishMessage,
  type UnknownMessage,
  type UpdateMessage,
} from './message.ts';
