// Hot path: per packet. A node sends the same 2048 bytes of slots in every header, so a stream
// gives the same SlotSet for them as long as they stay the same: comparing costs less than copying,
// and whoever keeps the set sees by reference that nothing changed.

import { SlotSet } from '@slotmesh/crc16-slots';
import { BITMAP_BYTES } from './layout.ts';

/** The slots that a stream claimed last. */
export class SlotMemory {
  private slots: SlotSet = SlotSet.EMPTY;
  private slotsView: DataView = viewOf(SlotSet.EMPTY);

  /** The set whose bitmap is at `offset`; the last one given, if it is the same. */
  read(view: DataView, bytes: Uint8Array, offset: number): SlotSet {
    if (!equalWords(view, offset, this.slotsView)) {
      this.slots = SlotSet.fromBitmap(bytes, offset);
      this.slotsView = viewOf(this.slots);
    }
    return this.slots;
  }
}

function viewOf({ bitmap }: SlotSet): DataView {
  return new DataView(bitmap.buffer, bitmap.byteOffset, bitmap.byteLength);
}

/** Four words a step: their differences are gathered, so that one branch serves 16 bytes. */
function equalWords(view: DataView, offset: number, slots: DataView): boolean {
  for (let i = 0; i < BITMAP_BYTES; i += 16) {
    const at = offset + i;
    const difference =
      (view.getInt32(at) ^ slots.getInt32(i)) |
      (view.getInt32(at + 4) ^ slots.getInt32(i + 4)) |
      (view.getInt32(at + 8) ^ slots.getInt32(i + 8)) |
      (view.getInt32(at + 12) ^ slots.getInt32(i + 12));
    if (difference !== 0) return false;
  }
  return true;
}
