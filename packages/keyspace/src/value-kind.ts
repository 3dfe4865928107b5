// The kinds of values, as entries are tagged with them. The numbers below are taken: a free block, a page of the index.

/** What a key can hold. */
export const ValueKind = {
  string: 2,
  list: 3,
  set: 4,
  zset: 5,
  hash: 6,
  stream: 7,
} as const;

export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

/** As TYPE prints them, by kind. */
export const TYPE_NAMES: readonly string[] = [
  '',
  '',
  'string',
  'list',
  'set',
  'zset',
  'hash',
  'stream',
];
