export { crc16 } from './crc16.ts';
export { SlotRangeError, type SlotRangeErrorCode } from './errors.ts';
export { keyForSlot } from './key-for-slot.ts';
export { hashTag, keySlot, keySlotOfRange, SLOT_COUNT, sameSlot } from './key-slot.ts';
export { type SlotRange, SlotSet } from './slot-set.ts';
