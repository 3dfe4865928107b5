// Hot path: per key. The checksum behind the hash slots: CRC-16/XMODEM (polynomial 0x1021, start 0, nothing
// reflected), as the cluster specification's appendix A names it.
//
// Four bytes are taken per step ("slicing by four"). The checksum is linear, so the effect of a byte that is followed
// by n more depends on that byte alone: TABLE[n] holds it, and the four look-ups of a step wait for nothing but the
// step before. Eight per step gained nothing: by then reading the characters is what costs.

/** Row n holds the checksum of each byte followed by n zero bytes. */
const [AFTER_0, AFTER_1, AFTER_2, AFTER_3] = /* @__PURE__ */ tables();

function tables(): [Uint16Array, Uint16Array, Uint16Array, Uint16Array] {
  const first = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    first[byte] = crc;
  }
  const appendZero = (crc: number) => (crc << 8) ^ first[crc >> 8];
  const second = first.map(appendZero);
  const third = second.map(appendZero);
  return [first, second, third, third.map(appendZero)];
}

/** The checksum `crc` carried on over one more byte. */
export function appendByte(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ AFTER_0[(crc >> 8) ^ byte];
}

/** The checksum `crc` carried on over four more bytes. */
export function appendFour(crc: number, a: number, b: number, c: number, d: number): number {
  return AFTER_3[(crc >> 8) ^ a] ^ AFTER_2[(crc & 0xff) ^ b] ^ AFTER_1[c] ^ AFTER_0[d];
}

/** The CRC-16/XMODEM of `bytes[start, end)`, 0 to 65535; of no bytes it is 0. */
export function crc16(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    crc = appendFour(crc, bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
  }
  for (; at < end; at++) crc = appendByte(crc, bytes[at]);
  return crc;
}

/**
 * The CRC-16/XMODEM of the UTF-8 bytes of `text[start, end)`, carried on from `crc`. An unpaired surrogate counts as
 * the bytes of U+FFFD, because these are what an encoder puts on the wire. `start` and `end` must not cut a pair.
 */
export function crc16OfText(text: string, start: number, end: number, crc = 0): number {
  let at = start;
  while (at < end) {
    const a = text.charCodeAt(at);
    if (at + 3 < end) {
      const b = text.charCodeAt(at + 1);
      const c = text.charCodeAt(at + 2);
      const d = text.charCodeAt(at + 3);
      if ((a | b | c | d) < 0x80) {
        crc = appendFour(crc, a, b, c, d);
        at += 4;
        continue;
      }
    }
    at++;
    if (a < 0x80) {
      crc = appendByte(crc, a);
    } else if (a < 0x800) {
      crc = appendByte(appendByte(crc, 0xc0 | (a >> 6)), 0x80 | (a & 0x3f));
    } else if (a < 0xd800 || a > 0xdfff) {
      crc = appendByte(appendByte(crc, 0xe0 | (a >> 12)), 0x80 | ((a >> 6) & 0x3f));
      crc = appendByte(crc, 0x80 | (a & 0x3f));
    } else {
      const low = a < 0xdc00 && at < end ? text.charCodeAt(at) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        const point = 0x10000 + ((a - 0xd800) << 10) + (low - 0xdc00);
        crc = appendByte(appendByte(crc, 0xf0 | (point >> 18)), 0x80 | ((point >> 12) & 0x3f));
        crc = appendByte(appendByte(crc, 0x80 | ((point >> 6) & 0x3f)), 0x80 | (point & 0x3f));
        at++;
      } else {
        crc = appendByte(appendByte(appendByte(crc, 0xef), 0xbf), 0xbd);
      }
    }
  }
  return crc;
}
