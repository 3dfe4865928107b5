// The module hooks behind register-ts.mjs.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/**
 * Where one of our packages lies as source; any other specifier is returned as it is.
 * @param {string} specifier
 */
export function resolveSource(specifier) {
  const match = /^@slotmesh\/([a-z0-9-]+)(\/testing)?$/.exec(specifier);
  if (match === null) return specifier;
  const folder = match[1] === 'node' ? 'apps/node' : `packages/${match[1]}`;
  return new URL(`${folder}/src${match[2] ?? ''}/index.ts`, root).href;
}

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  return next(resolveSource(specifier), context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const file = fileURLToPath(url);
  const { transformWithOxc } = await import('vite');
  const { code } = await transformWithOxc(await readFile(file, 'utf8'), file, {
    lang: 'ts',
    target: 'es2023',
    sourcemap: false,
    typescript: { onlyRemoveTypeImports: true },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
