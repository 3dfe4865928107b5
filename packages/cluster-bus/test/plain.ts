import { SlotSet } from '@slotmesh/crc16-slots';
import type { BusMessage } from '../src/index.ts';

/** A message in a form that `toEqual` compares by content alone: slots as text, bytes as hex. */
export function plain(message: BusMessage): unknown {
  return JSON.parse(
    JSON.stringify(message, (_key, value) => {
      if (value instanceof SlotSet) return `slots ${value}`;
      if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString('hex')}`;
      return value;
    }),
  );
}
