// Frames made by hand, byte by byte, to be wrong in one place.

import { SlotSet } from '@slotmesh/crc16-slots';
import type { BusHeader } from '../src/index.ts';

/** The first 16 bytes of a frame; a PING of a header alone unless told otherwise. */
export function prefix(fields: {
  signature?: number;
  length?: number;
  version?: number;
  type?: number;
  count?: number;
}): Uint8Array {
  const { signature = 0x52436d62, length = 2256, version = 1, type = 0, count = 0 } = fields;
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, signature);
  view.setUint32(4, length);
  view.setUint16(8, version);
  view.setUint16(12, type);
  view.setUint16(14, count);
  return new Uint8Array(view.buffer);
}

export const idA: string = 'a'.repeat(40);
export const idB: string = '0123456789abcdefghijklmnopqrstuvwxyz0123';

/** A header with nothing out of the ordinary. */
export const bareHeader: BusHeader = {
  sender: idA,
  currentEpoch: 3,
  configEpoch: 2,
  offset: 1000,
  slots: SlotSet.EMPTY,
  replicaOf: null,
  host: '',
  port: 7000,
  altPort: 0,
  busPort: 17000,
  flags: 1,
  clusterState: 'ok',
  messageFlags: 0,
};
