// Which bytes of a frame have no meaning, told independently of the decoder: a frame with those
// bytes zeroed is what its message must encode to.

const HEADER = 2256;
const EXT_DATA = 4;
const TEXT_EXTENSIONS = new Set([0, 1, 5, 8]);

/** A copy of a valid frame with all bytes zeroed that receivers ignore. */
export function canonical(frame: Uint8Array): Uint8Array {
  const bytes = frame.slice();
  const view = new DataView(bytes.buffer);
  const type = view.getUint16(12);
  if (type >= 0x8000) {
    bytes.fill(0, 10, 12);
    bytes.fill(0, 14, 16);
    return bytes;
  }
  bytes.fill(0, 2216, 2246);
  bytes.fill(0, 2255, 2256);
  zeroBehindNul(bytes, 2168, 2168 + 46);
  const isPing = type <= 2;
  const hasExtensions = isPing && (bytes[2253] & EXT_DATA) !== 0;
  if (!isPing) bytes.fill(0, 14, 16);
  if (!hasExtensions) bytes.fill(0, 2214, 2216);
  if (type === 11) bytes.fill(0, HEADER + 9, HEADER + 16);
  if (isPing) {
    const gossipEnd = HEADER + 104 * view.getUint16(14);
    for (let entry = HEADER; entry < gossipEnd; entry += 104) {
      zeroBehindNul(bytes, entry + 48, entry + 94);
      bytes.fill(0, entry + 102, entry + 104);
    }
    if (hasExtensions) canonicalExtensions(bytes, view, gossipEnd);
  }
  return bytes;
}

function canonicalExtensions(bytes: Uint8Array, view: DataView, start: number): void {
  for (let at = start; at < bytes.length; at += view.getUint32(at)) {
    const type = view.getUint16(at + 4);
    const end = at + view.getUint32(at);
    if (type <= 8) bytes.fill(0, at + 6, at + 8);
    if (type === 6 || type === 7) bytes.fill(0, at + 10, at + 16);
    if (TEXT_EXTENSIONS.has(type)) zeroBehindNul(bytes, at + 8, end);
    // The number that has two meanings: 40 bytes are a secret, kept to the last byte.
    if (type === 4 && end - at !== 48) zeroBehindNul(bytes, at + 8, end);
  }
}

function zeroBehindNul(bytes: Uint8Array, start: number, end: number): void {
  const nul = bytes.indexOf(0, start);
  if (nul >= 0 && nul < end) bytes.fill(0, nul, end);
}
