// Names of strikes, as runs leave them out, in few words: 'partition#1-7', 'operator#3'.

import { SettingsError } from '../settings.ts';

/** Most strikes that a list may name. */
const NAMES_MAX = 100_000;
const ITEM = /^([\w-]+)#(\d{1,9})(?:-(\d{1,9}))?$/;

/** Throws SettingsError where an item is neither 'name#3' nor 'name#3-7'. */
export function parseMasks(items: readonly string[]): string[] {
  const names: string[] = [];
  for (const item of items) {
    const match = ITEM.exec(item);
    if (match === null) {
      throw new SettingsError(`'${item}' is no strike: one is named partition#3, or partition#3-7`);
    }
    const [, name, from, to = from] = match;
    if (Number(to) - Number(from) >= NAMES_MAX - names.length) {
      throw new SettingsError(`'${item}' makes it more than ${NAMES_MAX} strikes`);
    }
    for (let number = Number(from); number <= Number(to); number++) names.push(`${name}#${number}`);
  }
  return names;
}

/** The shortest list that {@link parseMasks} makes the same names of, sorted. */
export function formatMasks(names: readonly string[]): string[] {
  const byName = new Map<string, number[]>();
  for (const one of names) {
    const at = one.lastIndexOf('#');
    const numbers = byName.get(one.slice(0, at)) ?? [];
    numbers.push(Number(one.slice(at + 1)));
    byName.set(one.slice(0, at), numbers);
  }
  return [...byName].flatMap(([name, numbers]) => {
    return rangesOf(numbers.sort((a, b) => a - b)).map(([from, to]) => {
      return from === to ? `${name}#${from}` : `${name}#${from}-${to}`;
    });
  });
}

function rangesOf(sorted: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const number of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}
