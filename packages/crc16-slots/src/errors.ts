/** What was wrong with the slots that a caller gave; stable, for programs. */
export type SlotRangeErrorCode =
  /** Not a whole number from 0 to 16383. */
  | 'SLOT_OUT_OF_RANGE'
  /** A range whose end lies before its start. */
  | 'SLOT_RANGE_REVERSED'
  /** Text that is not a list of slots and ranges. */
  | 'SLOT_SYNTAX'
  /** A bitmap with fewer than 2048 bytes from the offset on. */
  | 'SLOT_BITMAP_TOO_SHORT'
  /** A prefix whose own hash tag fixes another slot than the one asked for. */
  | 'SLOT_PREFIX_TAGGED';

/** A slot, a range of slots, or a text of them that the caller cannot have meant. */
export class SlotRangeError extends RangeError {
  override readonly name = 'SlotRangeError';
  readonly code: SlotRangeErrorCode;

  constructor(code: SlotRangeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
