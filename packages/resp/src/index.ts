export { type Arguments, CommandArguments, CommandDecoder } from './command-decoder.ts';
export { type CommandArgument, encodeCommand, encodeCommands } from './encode-command.ts';
export {
  type CommandLimits,
  DEFAULT_COMMAND_LIMITS,
  DEFAULT_REPLY_LIMITS,
  type ReplyLimits,
  UNAUTHENTICATED_COMMAND_LIMITS,
} from './limits.ts';
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';
export { Push, type Reply, ReplyError, VerbatimText } from './reply.ts';
export { ReplyDecoder, type ReplyDecoderOptions } from './reply-decoder.ts';
export { ReplyWriter } from './reply-writer.ts';
export type { DecodeText } from './text.ts';
