// A package's README shows one example, and a test of the package runs it, so that it cannot go stale.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The first block of `markdown` that is fenced as ts, or null. Fences may be indented or longer than three ticks. */
export function firstTsBlock(markdown: string): string | null {
  let fence = '';
  let wanted = false;
  let block: string[] = [];
  for (const line of markdown.split(/\r?\n/)) {
    if (fence === '') {
      const opening = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line);
      if (opening === null) continue;
      fence = opening[1];
      wanted = opening[2] === 'ts';
      block = [];
    } else if (line.trim().startsWith(fence) && line.trim().replaceAll(fence[0], '') === '') {
      if (wanted) return `${block.join('\n')}\n`;
      fence = '';
    } else {
      block.push(line);
    }
  }
  return null;
}

let examples = 0;

/**
 * Runs the first ts block of the package's README as a module and resolves when its top level has run. The example
 * asserts with node:assert/strict; what it throws is thrown here, with the line of the example. `packageDir` is a
 * path (absolute, or from the repository's root: `packages/resp`) or a file URL.
 *
 * The module is written into the package's `test` folder for as long as it runs, so that its imports resolve as those
 * of any test: `@slotmesh/*` are the sources.
 */
export async function runReadmeExample(packageDir: string | URL): Promise<void> {
  const isUrl = typeof packageDir !== 'string' || packageDir.startsWith('file:');
  const directory = isUrl ? fileURLToPath(packageDir) : resolve(root, packageDir);
  const readme = join(directory, 'README.md');
  const example = firstTsBlock(await readFile(readme, 'utf8'));
  if (example === null) throw new Error(`${readme} has no example: no block is fenced as ts`);
  if (!/\bassert\b/.test(example)) {
    throw new Error(`${readme}: the example asserts nothing, so running it proves nothing`);
  }
  const file = join(directory, 'test', `.readme-example-${process.pid}-${++examples}.ts`);
  await writeFile(file, example);
  try {
    await import(/* @vite-ignore */ pathToFileURL(file).href);
  } finally {
    await rm(file, { force: true });
  }
}
