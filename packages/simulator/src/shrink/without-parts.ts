// Delta debugging (Zeller and Hildebrandt, 2002), the half that removes: which parts of a list can go?
// Large parts are tried first, then ever smaller ones, down to single entries.

/** Gives a shorter list to be tried, takes whether it still fails, and ends when no part can go. */
export function* withoutParts<T>(list: readonly T[]): Generator<T[], void, boolean> {
  let rest = [...list];
  let parts = 1;
  while (rest.length > 0) {
    const size = Math.ceil(rest.length / parts);
    let removed = false;
    for (let start = 0; start < rest.length; ) {
      const shorter = [...rest.slice(0, start), ...rest.slice(start + size)];
      if (yield shorter) {
        rest = shorter;
        removed = true;
      } else {
        start += size;
      }
    }
    if (size === 1 && !removed) return;
    if (size > 1) parts = Math.min(rest.length, parts * 2);
    else parts = rest.length;
  }
}
