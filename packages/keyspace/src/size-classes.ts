// The sizes of blocks in the arena: a request is rounded up to one of them, so that a freed block fits what comes next.
//
// Small sizes are exact, larger ones lie an eighth apart, and the largest divide a segment without a rest.

/** Bytes of a unit; every block begins at a multiple of it. */
export const UNIT_BYTES = 8;
export const UNIT_WORDS = 2;
/** Bits of a block reference that count units within a segment. */
export const UNIT_BITS = 15;
export const SEGMENT_UNITS: number = 1 << UNIT_BITS;
export const UNIT_MASK: number = SEGMENT_UNITS - 1;
export const SEGMENT_BYTES: number = SEGMENT_UNITS * UNIT_BYTES;
/** The largest block, 16 KiB: what is larger lives in a buffer of its own. */
export const BLOCK_UNITS_MAX = 2048;

const BLOCK_UNITS_MIN = 2;
/** Up to here each size has its class. */
const EXACT_UNITS = 64;
/** From here on a class is a segment divided by a whole number. */
const DIVIDED_UNITS = 512;

function sizes(): number[] {
  const units: number[] = [];
  for (let size = BLOCK_UNITS_MIN; size <= EXACT_UNITS; size++) units.push(size);
  for (let octave = EXACT_UNITS; octave < DIVIDED_UNITS; octave *= 2) {
    for (let eighth = 1; eighth <= 8; eighth++) units.push(octave + (octave / 8) * eighth);
  }
  for (let parts = Math.floor(SEGMENT_UNITS / DIVIDED_UNITS) - 1; ; parts--) {
    const size = Math.floor(SEGMENT_UNITS / parts);
    units.push(size);
    if (size >= BLOCK_UNITS_MAX) return units;
  }
}

/** Units of a block, by class. */
export const CLASS_UNITS: Uint16Array = Uint16Array.from(sizes());
export const CLASS_COUNT: number = CLASS_UNITS.length;
/** Blocks that a segment holds, by class. */
export const CLASS_CAPACITY: Uint16Array = CLASS_UNITS.map((units) =>
  Math.floor(SEGMENT_UNITS / units),
);
/** The class that serves a request, by its units. */
export const CLASS_OF_UNITS: Uint8Array = classOfUnits();

function classOfUnits(): Uint8Array {
  const classes = new Uint8Array(BLOCK_UNITS_MAX + 1);
  let current = 0;
  for (let units = 0; units <= BLOCK_UNITS_MAX; units++) {
    if (units > CLASS_UNITS[current]) current++;
    classes[units] = current;
  }
  return classes;
}
