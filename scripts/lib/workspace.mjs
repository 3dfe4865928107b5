// What stands between a checkout and its use: the right Node.js, pnpm, the dependencies, the build.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { satisfies } from './engines.mjs';
import { capture, Failure, root, run } from './run.mjs';

/** Our notes about this checkout; they go with node_modules. */
const NOTES = join(root, 'node_modules', '.cache', 'slotmesh');

/** npm and pnpm would wait for more than a minute before they say that there is no network. */
const PATIENCE = {
  'fetch-retries': 2,
  'fetch-retry-mintimeout': 500,
  'fetch-retry-maxtimeout': 2000,
};

/** @param {string} prefix of options: `--` for npm, `--config.` for pnpm */
function impatient(prefix) {
  return Object.entries(PATIENCE).map(([name, value]) => `${prefix}${name}=${value}`);
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Nothing that we start reports usage, looks for newer versions of itself, or asks questions. */
const quietEnvironment = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
};

/** Throws where this Node.js is not one that we support. */
export function checkNode() {
  const range = manifest.engines.node;
  if (satisfies(process.versions.node, range)) return;
  throw new Failure(`Node.js ${process.versions.node} is not supported: it must be ${range}`);
}

/**
 * Finds pnpm in the version that package.json names: on PATH, or fetched once by npm. Returns the environment in which
 * `pnpm` is that program, for us and for whatever we start.
 *
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function pnpmEnvironment() {
  const version = /^pnpm@(\d+\.\d+\.\d+)/.exec(manifest.packageManager)?.[1];
  if (version === undefined) throw new Failure('package.json names no pnpm as its packageManager');
  const env = { ...process.env, ...quietEnvironment };
  if (await isOnPath(version)) return env;
  const directory = (await rememberedPnpm(version)) ?? (await fetchPnpm(version));
  return { ...env, PATH: `${directory}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * A pnpm of another version would fetch ours when asked in this folder, and corepack's stand-in would do it in its own
 * way; so it is asked elsewhere, and the stand-in is passed over.
 * @param {string} version
 */
async function isOnPath(version) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(directory, 'pnpm');
    if (!existsSync(file)) continue;
    return !realpathSync(file).includes('corepack') && (await isVersion(file, version));
  }
  return false;
}

/**
 * @param {string} file
 * @param {string} version
 */
async function isVersion(file, version) {
  try {
    const answer = await capture('pnpm', file, ['--version'], { cwd: dirname(root) });
    return answer.trim() === version;
  } catch {
    return false;
  }
}

/** @param {string} version */
async function rememberedPnpm(version) {
  try {
    const directory = readFileSync(join(NOTES, 'pnpm'), 'utf8');
    return (await isVersion(join(directory, 'pnpm'), version)) ? directory : null;
  } catch {
    return null;
  }
}

/** @param {string} version */
async function fetchPnpm(version) {
  console.error(`slotmesh: asking npm for pnpm ${version}`);
  const args = [
    'exec',
    '--loglevel=error',
    ...impatient('--'),
    '--yes',
    `--package=pnpm@${version}`,
  ];
  try {
    const path = await capture('npm', 'npm', [...args, '-c', 'command -v pnpm'], {
      env: { ...process.env, ...quietEnvironment },
    });
    return dirname(path.trim());
  } catch (error) {
    throw new Failure(fetchProblem(version, /** @type {Error} */ (error).message));
  }
}

/**
 * One line about a fetch that failed, from what npm said.
 *
 * @param {string} version
 * @param {string} output
 */
export function fetchProblem(version, output) {
  const network =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;
  const code = network.exec(output)?.[1];
  if (code !== undefined) {
    return `pnpm ${version} cannot be fetched: the package registry is out of reach (${code}); is there a network?`;
  }
  const line = output.split('\n').find((one) => one.trim() !== '') ?? 'npm says nothing';
  return `pnpm ${version} cannot be fetched: ${line.trim()}`;
}

/**
 * Installs the dependencies as the lockfile has them; does nothing where they are in place.
 *
 * @returns {Promise<NodeJS.ProcessEnv>} the environment with pnpm
 */
export async function install() {
  checkNode();
  const noteFile = join(NOTES, 'installed');
  const env = await pnpmEnvironment();
  if (existsSync(noteFile) && readFileSync(noteFile, 'utf8') === installedState()) return env;
  console.log('slotmesh: installing the dependencies');
  const args = [
    '--frozen-lockfile',
    '--config.confirmModulesPurge=false',
    ...impatient('--config.'),
  ];
  const { code } = await run('pnpm', ['install', ...args], { env });
  if (code !== 0) {
    throw new Failure(
      'the dependencies could not be installed (that needs a network): see above',
      code,
    );
  }
  mkdirSync(NOTES, { recursive: true });
  writeFileSync(noteFile, installedState());
  writeFileSync(join(NOTES, 'pnpm'), pnpmDirectory(env));
  return env;
}

/** @param {NodeJS.ProcessEnv} env */
function pnpmDirectory(env) {
  const directories = (env.PATH ?? '').split(delimiter);
  return directories.find((directory) => existsSync(join(directory, 'pnpm'))) ?? '';
}

/** Changes whenever an installation is due: by the lockfile, a manifest, the platform, or a removed node_modules. */
function installedState() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(join(root, file)));
  }
  hash.update(String(existsSync(join(root, 'node_modules', '.modules.yaml'))));
  for (const directory of packageDirectories()) {
    hash.update(`${directory} ${existsSync(join(root, directory, 'node_modules'))}\n`);
    const text = readFileSync(join(root, directory, 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(text);
    hash.update(JSON.stringify(dependencies ?? {}));
  }
  return hash.digest('hex');
}

/** The folders of all packages and apps, such as `packages/resp`, sorted. */
export function packageDirectories() {
  return ['apps', 'packages'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .filter((name) => existsSync(join(root, kind, name, 'package.json')))
      .sort()
      .map((name) => `${kind}/${name}`),
  );
}

/**
 * Installs and builds; quick where nothing has changed.
 *
 * @returns {Promise<NodeJS.ProcessEnv>} the environment with pnpm
 */
export async function installAndBuild() {
  const env = await install();
  forgetRemovedOutput();
  const { code } = await run('pnpm', ['run', '--silent', 'turbo:build'], { env });
  if (code !== 0) throw new Failure('the build failed: see above', code);
  return env;
}

/** The compiler believes its notes about what it has written, also when that has been removed since. */
function forgetRemovedOutput() {
  for (const directory of packageDirectories()) {
    if (existsSync(join(root, directory, 'dist'))) continue;
    for (const notes of ['.tsbuildinfo', 'cli.tsbuildinfo']) {
      rmSync(join(root, directory, notes), { force: true });
    }
  }
}
