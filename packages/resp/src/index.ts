export { type Arguments, CommandDecoder } from './command-decoder.ts';
export { type CommandArgument, encodeCommand, encodeCommands } from './encode-command.ts';
export {
  type CommandLimits,
  DEFAULT_COMMAND_LIMITS,
  UNAUTHENTICATED_COMMAND_LIMITS,
} from './limits.ts';
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';
export { ReplyWriter } from './reply-writer.ts';
