// The numbers of the format: types of values, opcodes between them, encodings of strings. (rdb.h of the reference server.)

/** The versions that are read: those before 9 differ in nothing that a reader has to know but for the checksum. */
export const VERSION_MIN = 1;
export const VERSION_MAX = 12;
/** The first version that ends with a checksum. */
export const CHECKSUM_SINCE = 5;
/** The versions that are written. */
export const WRITTEN_VERSION_MIN = 9;
/** What Redis 7.0 writes. */
export const DEFAULT_VERSION = 10;

/** The type byte of a value. */
export const Type = {
  string: 0,
  list: 1,
  set: 2,
  zset: 3,
  hash: 4,
  zset2: 5,
  modulePreGa: 6,
  module2: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  listQuicklist: 14,
  streamListpacks: 15,
  hashListpack: 16,
  zsetListpack: 17,
  listQuicklist2: 18,
  streamListpacks2: 19,
  setListpack: 20,
  streamListpacks3: 21,
  hashMetadataPreGa: 22,
  hashListpackExPreGa: 23,
  hashMetadata: 24,
  hashListpackEx: 25,
} as const;

/** What stands between the values. */
export const Opcode = {
  slotInfo: 244,
  function2: 245,
  functionPreGa: 246,
  moduleAux: 247,
  idle: 248,
  frequency: 249,
  aux: 250,
  resizeDatabase: 251,
  expireTimeMs: 252,
  expireTimeS: 253,
  selectDatabase: 254,
  end: 255,
} as const;

/** In place of a length, with the two high bits set: the string is in another form. */
export const StringEncoding = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** The parts of a module's value. */
export const ModulePart = { end: 0, sint: 1, uint: 2, float: 3, double: 4, string: 5 } as const;

/** The nodes of a quicklist of the second form: one large element, or a listpack. */
export const QuicklistNode = { plain: 1, packed: 2 } as const;

/** "Does not expire", where an expiry is expected. */
export const NO_EXPIRY = -1;
