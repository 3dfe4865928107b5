// node --import ./scripts/lib/register-ts.mjs file.ts: runs our TypeScript as it is, with `@slotmesh/*` taken from the
// sources. Every file stays a module of its own and is what the compiler would emit for it, so benches measure the real
// thing; a bundler or a module runner would change how calls between modules perform.

import nodeModule from 'node:module';
import { resolveSource } from './ts-hooks.mjs';

/**
 * Newer versions of Node.js strip types themselves and have hooks without a thread; our type declarations are those of
 * the oldest version that we support.
 *
 * @typedef {(specifier: string, context: unknown) => unknown} NextResolve
 * @typedef {(specifier: string, context: unknown, next: NextResolve) => unknown} ResolveHook
 * @type {{ registerHooks?: (hooks: { resolve: ResolveHook }) => void }}
 */
const { registerHooks } = /** @type {any} */ (nodeModule);

if (registerHooks !== undefined && 'typescript' in process.features) {
  registerHooks({
    resolve: (specifier, context, next) => next(resolveSource(specifier), context),
  });
} else {
  nodeModule.register('./ts-hooks.mjs', import.meta.url);
}
