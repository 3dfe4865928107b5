// What WATCH remembers of a key.

/** One key that one client watches. */
export interface Watch {
  readonly database: number;
  /** The key's bytes as latin1. */
  readonly key: string;
  readonly slot: number;
  /** It was there when it began to be watched; gone since, it has been deleted or has expired. */
  readonly existed: boolean;
}
