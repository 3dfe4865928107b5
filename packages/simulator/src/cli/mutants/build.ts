// A build of the rules of its own for each mutant: what the packages were built to, some modules of it
// changed, in a folder in which the packages find each other and not the real ones. What is not changed
// is the same file under a second name, which costs a tenth of a copy.

import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Edit, Mutant, ScriptedMutant } from './mutant.ts';

/** The simulator's own folder, as seen from the sources and from what they were built to. */
const HOME = fileURLToPath(new URL('../../../', import.meta.url));
const SCOPE = '@slotmesh/';

/** The place where a mutant changes something is not there, or not once. */
export class MutantError extends Error {
  override readonly name = 'MutantError';
  readonly code: 'DOES_NOT_APPLY' | 'NOT_BUILT' | 'NO_SUCH_MUTANT';

  constructor(code: MutantError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A simulator, perhaps with other rules. */
export interface MutantBuild {
  /** Its command line. */
  readonly main: URL;
  /** What a thread of a search runs. */
  readonly worker: URL;
  /** Takes the build away, if it was made for this. */
  remove(): void;
}

/**
 * Builds the simulator with the bug of a mutant in a temporary folder. Throws {@link MutantError}
 * where the packages are not built, or the mutant does not apply.
 */
export function buildMutant({ edits }: Pick<Mutant, 'edits'>): MutantBuild {
  const directory = mkdtempSync(join(tmpdir(), 'slotmesh-mutant-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const modules = join(directory, 'node_modules');
    for (const [name, from] of packages()) linkPackage(name, from, join(modules, name));
    for (const edit of edits) apply(edit, modules);
    return { ...programsOf(join(modules, SCOPE, 'simulator')), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The simulator as it is. */
export function realBuild(): MutantBuild {
  return { ...programsOf(HOME), remove: () => {} };
}

function programsOf(home: string): Pick<MutantBuild, 'main' | 'worker'> {
  const cli = pathToFileURL(join(home, 'dist', 'cli'));
  return { main: new URL(`${cli}/main.js`), worker: new URL(`${cli}/worker.js`) };
}

/** The text of the script that shows a mutant. */
export function readScript({ script }: ScriptedMutant): string {
  return readFileSync(join(HOME, 'scripts', `${script}.txt`), 'utf8');
}

/** The simulator and all that it imports, by name, with their folders. */
function packages(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (name: string, directory: string): void => {
    if (found.has(name)) return;
    found.set(name, directory);
    const manifest = join(directory, 'package.json');
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const require = createRequire(manifest);
    for (const dependency of Object.keys(dependencies)) {
      const path = require.resolve.paths(dependency)?.find((each) => {
        return existsSync(join(each, dependency, 'package.json'));
      });
      if (path === undefined) {
        throw new MutantError('NOT_BUILT', `${name} needs ${dependency}, which is not installed`);
      }
      visit(dependency, realpathSync(join(path, dependency)));
    }
  };
  visit(`${SCOPE}simulator`, HOME);
  return found;
}

/** What is ours can be changed; what is not is used where it lies. */
function linkPackage(name: string, from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  if (!name.startsWith(SCOPE)) {
    symlinkSync(from, to);
    return;
  }
  const dist = join(from, 'dist');
  if (!existsSync(join(dist, 'index.js'))) {
    throw new MutantError('NOT_BUILT', `${name} is not built: npm run build`);
  }
  linkFolder(dist, join(to, 'dist'));
  linkFile(join(from, 'package.json'), join(to, 'package.json'));
}

/** The code in it, and in its folders. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const paths = [join(from, entry.name), join(to, entry.name)] as const;
    if (entry.isDirectory()) linkFolder(...paths);
    else if (entry.name.endsWith('.js')) linkFile(...paths);
  }
}

function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Temporary folders may be on another disk, or on one without links.
    copyFileSync(from, to);
  }
}

function apply({ file, find, replace }: Edit, modules: string): void {
  const [name, , ...path] = file.split('/');
  const built = join(modules, SCOPE, name, 'dist', path.join('/').replace(/\.ts$/, '.js'));
  if (!existsSync(built)) throw new MutantError('DOES_NOT_APPLY', `there is no ${file}`);
  const text = patched(readFileSync(built, 'utf8'), { file, find, replace });
  // Under its other name the file stays what it is.
  rmSync(built);
  writeFileSync(built, text);
}

/** The text with one edit. Throws {@link MutantError} unless there is exactly one place for it. */
export function patched(text: string, { file, find, replace }: Edit): string {
  const places = [...text.matchAll(pattern(find))];
  const [{ 0: place, index }] = places.length === 1 ? places : [{ 0: '', index: -1 }];
  if (index === -1) {
    const what = places.length === 0 ? 'is not there' : `is there ${places.length} times`;
    throw new MutantError('DOES_NOT_APPLY', `${file}: what is to be changed ${what}: ${find}`);
  }
  return text.slice(0, index) + replace + text.slice(index + place.length);
}

/** The compiler keeps the words, and breaks lines where it likes. */
function pattern(find: string): RegExp {
  const words = find.trim().split(/\s+/);
  return new RegExp(words.map((word) => word.replace(/[^\w\s]/g, '\\$&')).join('\\s+'), 'g');
}
