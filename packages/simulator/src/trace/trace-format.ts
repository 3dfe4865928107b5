// The format of a trace: a stream of MessagePack values. First the word that says what it is, then the version and the
// run's options, then items, the last of which says that the run was written to its end.
//
// A record is packed by its shape: an object becomes a list of its values behind the number of its shape (the names of
// its fields, and its `kind`). Shapes, node ids and sets of slots are told once, in items of their own before the first
// record that needs them, and called by number after that. So a new field of a message, or a new kind of effect, needs
// nothing here.

/** The first value of every trace. */
export const TRACE_MAGIC = 'slotmesh-trace';
export const TRACE_VERSION = 1;

/** What an item is: the first value of its list. */
export const Item = {
  /** `[text, t]`: the next text to be called by number. */
  text: 0,
  /** `[slots, "0-5460 10923"]`: the next set of slots, in the same numbering. */
  slots: 1,
  /** `[shape, kind | null, field, field...]`: the next shape, from 1. `kind` is no field where it is given here. */
  shape: 2,
  /** `[record, value]`: a packed value, see below. */
  record: 3,
  /** `[end, records, hash]`: how many records there were, and the hash of the run. */
  end: 4,
} as const;

// Packed values: null, booleans, numbers, bytes and short texts stand for themselves, and a list begins with
//   0: the items of a list follow
//   n > 0: the fields of an object of shape n follow
//   n < 0: text or set of slots number -1 - n; nothing follows

/** Texts of this length are told once: ids, addresses. Longer ones hardly come twice, shorter ones cost nothing. */
export const SHARED_TEXT_MIN = 12;
export const SHARED_TEXT_MAX = 64;
