// How long a frame may be, by its type. The servers have no maximum (a length is 32 bits, so one
// connection can make them buffer 4 GiB); here a frame above its type's maximum closes the link
// before anything is kept of it.

/** Maxima of what one frame may hold. Bytes, unless it says otherwise. */
export interface BusLimits {
  /** Gossip entries of a PING, PONG or MEET; the wire itself ends at 65535. */
  readonly gossipEntriesMax: number;
  /** All extensions of a PING, PONG or MEET together. */
  readonly extensionBytesMax: number;
  /** Channel and message of a PUBLISH together. */
  readonly publishBytesMax: number;
  /** Payload of a MODULE message. */
  readonly modulePayloadBytesMax: number;
  /** The whole frame of any other type, known or not. */
  readonly otherFrameBytesMax: number;
}

/**
 * - gossip: all that the wire can count, 6.8 MB, since a large cluster may tell of all its failing
 *   nodes at once;
 * - extensions: 1 MiB, more than 18,000 forgotten nodes within one minute;
 * - PUBLISH: 512 MiB, the default `proto-max-bulk-len`, above which no client could have sent it;
 * - modules: 64 MiB, since they use the bus for small talk;
 * - others: 1 MiB; the longest known is UPDATE with 4352 bytes.
 */
export const DEFAULT_BUS_LIMITS: BusLimits = Object.freeze({
  gossipEntriesMax: 0xffff,
  extensionBytesMax: 1024 * 1024,
  publishBytesMax: 512 * 1024 * 1024,
  modulePayloadBytesMax: 64 * 1024 * 1024,
  otherFrameBytesMax: 1024 * 1024,
});
