// What nodes are called in scripts: A, B, C ... Z, AA, AB ... An id sorts as its name does, so that a
// script can tell who wins where ids decide. A node that gets another id, because its file was lost
// or by RESET HARD, is A' from then on, in what others say of it.

const LETTERS = 26;
const FIRST = 'A'.charCodeAt(0);
const ID_LENGTH = 40;
const ID = /\b[0-9a-z]{40}\b/g;

/** The name of the n-th node, from 0. */
export function nameOf(index: number): string {
  const last = String.fromCharCode(FIRST + (index % LETTERS));
  return index < LETTERS ? last : nameOf(Math.floor(index / LETTERS) - 1) + last;
}

/** The number of the node of that name; -1 if it is no name. */
export function indexOf(name: string): number {
  if (!/^[A-Z]{1,2}$/.test(name)) return -1;
  let index = 0;
  for (const letter of name) index = index * LETTERS + letter.charCodeAt(0) - FIRST + 1;
  return index - 1;
}

/** '00010000...': the id that a script gives to the n-th node. */
export function idOf(index: number): string {
  return (index + 1).toString(16).padStart(4, '0').padEnd(ID_LENGTH, '0');
}

/** Names in their order, runs of three and more as "A-C". */
export function nameList(indices: Iterable<number>): string {
  const sorted = [...new Set(indices)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    let end = i;
    while (sorted[end + 1] === sorted[end] + 1) end++;
    if (end - i < 2) {
      parts.push(nameOf(sorted[i]));
      continue;
    }
    parts.push(`${nameOf(sorted[i])}-${nameOf(sorted[end])}`);
    i = end;
  }
  return parts.join(' ');
}

/** Whose id is whose. */
export class Ids {
  readonly #names = new Map<string, string>();
  /** By node: its ids, oldest first. */
  readonly #ids = new Map<number, string[]>();

  /** The node has this id now. */
  learn(index: number, id: string): void {
    if (this.#names.has(id)) return;
    const former = this.#ids.get(index) ?? [];
    this.#names.set(id, nameOf(index) + "'".repeat(former.length));
    this.#ids.set(index, [...former, id]);
  }

  /** The id that the node had before the one that it has; undefined if it has had one only. */
  formerOf(index: number): string | undefined {
    return this.#ids.get(index)?.at(-2);
  }

  /** The name; of an id that nobody is known to have, its beginning. */
  of(id: string): string {
    return this.#names.get(id) ?? `?${id.slice(0, 6)}`;
  }

  inText(text: string): string {
    return text.replace(ID, (id) => this.of(id));
  }

  /** By name, A' behind A; unknown ones last. Runs of three and more as "A-C". */
  list(ids: Iterable<string>): string {
    const plain: number[] = [];
    const others: string[] = [];
    for (const id of new Set(ids)) {
      const name = this.of(id);
      const index = indexOf(name);
      if (index === -1) others.push(name);
      else plain.push(index);
    }
    return [nameList(plain), ...others.sort()].filter((part) => part !== '').join(' ');
  }
}
