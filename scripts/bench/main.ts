// Runs the benches: all, or those of the packages that are named (`resp`, `node`, or a part of the file's path).

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What a bench file exports. */
interface BenchModule {
  run(options: { quick: boolean }): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** All bench files, as paths from the root, in alphabetical order: apps first. */
function findBenches(): string[] {
  return ['apps', 'packages']
    .flatMap((kind) => readdirSync(join(root, kind)).map((name) => `${kind}/${name}/bench`))
    .filter((directory) => existsSync(join(root, directory)))
    .flatMap((directory) =>
      readdirSync(join(root, directory)).map((file) => `${directory}/${file}`),
    )
    .filter((file) => file.endsWith('.bench.ts'))
    .sort();
}

/** A name is a package's (`resp`, `@slotmesh/resp`, `packages/resp`) or the end of a path in it. */
function isWanted(file: string, names: readonly string[]): boolean {
  if (names.length === 0) return true;
  const [kind, folder] = file.split('/');
  return names.some((name) => {
    const clean = name.replace(/^@slotmesh\//, '').replace(/\/$/, '');
    return clean === folder || clean === `${kind}/${folder}` || file.endsWith(clean);
  });
}

async function main(args: readonly string[]): Promise<number> {
  const quick = args.includes('--quick');
  const names = args.filter((arg) => arg !== '--quick');
  const unknown = names.find((name) => name.startsWith('-'));
  if (unknown !== undefined) {
    console.error(
      `slotmesh: unknown option ${unknown}; usage: npm run bench -- [--quick] [package]...`,
    );
    return 1;
  }
  const files = findBenches().filter((file) => isWanted(file, names));
  if (files.length === 0) {
    console.error(`slotmesh: there is no bench of ${names.join(', ') || 'anything'}`);
    return 1;
  }
  let failed = 0;
  for (const file of files) {
    console.log(`\n== ${file}${quick ? ' (quick: the figures mean nothing)' : ''}\n`);
    try {
      const bench: BenchModule = await import(pathToFileURL(join(root, file)).href);
      await bench.run({ quick });
    } catch (error) {
      failed++;
      console.error(`${file} failed:`, error);
    }
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
