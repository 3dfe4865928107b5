// CRC64 as Redis uses it for RDB files and DUMP payloads (David Jones: polynomial ad93d23594c935a9, bits reflected both
// ways, starting from 0, nothing added at the end), here over the content of nodes.conf. Two 32-bit halves instead of
// one BigInt: the file is written on every change of the cluster.

/** The polynomial with its bits reversed: 95ac9329 ac4bc9b5. */
const POLYNOMIAL_HIGH = 0x95ac9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;

const tableHigh = new Int32Array(256);
const tableLow = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) !== 0;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}

/** The checksum of the bytes as 16 lower-case hexadecimal digits, most significant first. */
export function crc64(bytes: Uint8Array): string {
  let high = 0;
  let low = 0;
  for (let i = 0; i < bytes.length; i++) {
    const index = (low ^ bytes[i]) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ tableLow[index];
    high = (high >>> 8) ^ tableHigh[index];
  }
  return hex32(high) + hex32(low);
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
