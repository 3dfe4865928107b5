// Wildcards in the path of an include: `*`, `?` and `[...]` within one part of the path, names that start with a dot
// left out unless the pattern starts with one, results in alphabetical order.

import { existsSync, readdirSync } from 'node:fs';
import { join, parse, sep } from 'node:path';
import { GlobPattern } from '@slotmesh/keyspace';

const WILD = /[*?[]/;
const encoder = new TextEncoder();

/** The paths that an absolute `pattern` names; a pattern without wildcards names itself, whether it is there or not. */
export function expandPath(pattern: string): string[] {
  if (!WILD.test(pattern)) return [pattern];
  const { root } = parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split(sep)) {
    found = found.flatMap((directory) => matching(directory, part));
  }
  return found.filter((path) => existsSync(path));
}

function matching(directory: string, part: string): string[] {
  if (!WILD.test(part)) return [join(directory, part)];
  const pattern = new GlobPattern(encoder.encode(part));
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith('.') === part.startsWith('.'))
    .filter((name) => pattern.matches(encoder.encode(name)))
    .sort()
    .map((name) => join(directory, name));
}
