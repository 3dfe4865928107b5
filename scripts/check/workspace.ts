// What the checks look at: every package and app, with its manifest, its compiler references and its sources.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSource, type SourceFile } from './source.ts';

/** A folder below `packages` or `apps`. */
export interface Package {
  /** From the root: `packages/resp`. */
  readonly directory: string;
  /** What the layer table calls it: `resp`, `apps/node`. */
  readonly layer: string;
  /** As in its manifest: `@slotmesh/resp`. */
  readonly name: string;
  /** The names in the manifest's `dependencies`. */
  readonly dependencies: readonly string[];
  /** The folders that its tsconfig.json refers to, from the root. */
  readonly references: readonly string[];
  /** The files below `src`. */
  readonly sources: readonly SourceFile[];
  /** All other files of the folder that we have written, such as tests, with their texts. */
  readonly others: ReadonlyMap<string, string>;
}

/** Reads all packages and apps below `root`. */
export function readPackages(root: string): Package[] {
  return ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .filter((name) => existsSync(join(root, kind, name, 'package.json')))
      .sort()
      .map((name) => readPackage(root, `${kind}/${name}`)),
  );
}

function readPackage(root: string, directory: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'));
  const config = JSON.parse(readFileSync(join(root, directory, 'tsconfig.json'), 'utf8'));
  const files = readCode(root, directory);
  const isSource = (path: string): boolean => path.startsWith(`${directory}/src/`);
  return {
    directory,
    layer: layerOf(directory),
    name: manifest.name,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    references: (config.references ?? []).map((reference: { path: string }) =>
      posix.normalize(posix.join(directory, reference.path)),
    ),
    sources: [...files]
      .filter(([path]) => isSource(path))
      .map(([path, text]) => parseSource(path, text)),
    others: new Map([...files].filter(([path]) => !isSource(path))),
  };
}

/** `packages/resp` is the layer `resp`; an app keeps its folder, since its name could be a package's as well. */
export function layerOf(directory: string): string {
  return directory.replace(/^packages\//, '');
}

const SKIPPED = new Set(['node_modules', 'dist']);

/** The texts of all files with code below a folder, and of its README, by path from the root. */
export function readCode(root: string, directory: string): Map<string, string> {
  const found = new Map<string, string>();
  const entries = readdirSync(join(root, directory), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${directory}/${entry.name}`;
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory()) {
      for (const [inner, text] of readCode(root, path)) found.set(inner, text);
    } else if (/\.(ts|mjs)$|^README\.md$/.test(entry.name)) {
      found.set(path, readFileSync(join(root, path), 'utf8'));
    }
  }
  return found;
}
