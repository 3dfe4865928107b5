// Whether packages are fit to be published: what would be uploaded is packed and looked at by publint (the manifest and
// its files) and by arethetypeswrong (whether every way of importing finds types that tell the truth).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkPackage,
  createPackageFromTarballData,
  type Package as PackedPackage,
  type Problem,
} from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { capture } from '../lib/run.mjs';
import { pnpmEnvironment } from '../lib/workspace.mjs';
import { temporaryDirectory } from '../testing/ports.ts';
import type { Finding } from './finding.ts';

/**
 * Our packages are ES modules only. Whoever resolves them as CommonJS, or as TypeScript did for Node.js 10, gets what
 * they ask for: so these two ways of resolving are not looked at.
 */
const FOREIGN_RESOLUTIONS = new Set(['node10', 'node16-cjs']);

/** Packs the package in `directory` (absolute) and checks the result; `file` is what findings are reported for. */
export async function checkPublish(directory: string, file: string): Promise<Finding[]> {
  const tarball = await pack(directory);
  const packed = createPackageFromTarballData(tarball);
  const messages = [
    ...contentProblems(packed),
    ...(await publintProblems(tarball)),
    ...(await typesProblems(packed)),
  ];
  return messages.map((message) => ({ file, line: 0, message }));
}

/** What `pnpm publish` would upload: it puts versions in the place of `workspace:`. */
async function pack(directory: string): Promise<Uint8Array<ArrayBuffer>> {
  const target = temporaryDirectory('slotmesh-pack-');
  try {
    await capture('pnpm pack', 'pnpm', ['pack', '--pack-destination', target.path], {
      cwd: directory,
      env: await pnpmEnvironment(),
    });
    const [name] = readdirSync(target.path);
    return new Uint8Array(readFileSync(join(target.path, name)));
  } finally {
    await target.remove();
  }
}

function contentProblems(packed: PackedPackage): string[] {
  const prefix = `/node_modules/${packed.packageName}/`;
  const files = packed.listFiles().map((path) => path.slice(prefix.length));
  const problems: string[] = [];
  for (const wanted of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']) {
    if (!files.includes(wanted)) problems.push(`the package lacks ${wanted}`);
  }
  for (const path of files) {
    if (/\.tsbuildinfo$|(^|\/)(test|bench)\/|\.test\./.test(path)) {
      problems.push(`the package holds ${path}, which is of no use to anybody`);
    }
  }
  const manifest = JSON.parse(packed.readFile(`${prefix}package.json`));
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    if (String(range).startsWith('workspace:')) problems.push(`depends on ${name} as ${range}`);
  }
  return problems;
}

async function publintProblems(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer },
    strict: true,
    level: 'suggestion',
  });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

async function typesProblems(packed: PackedPackage): Promise<string[]> {
  const result = await checkPackage(packed);
  if (!result.types) return ['types: the package has none'];
  return result.problems.filter(isOurs).map(describeProblem);
}

function isOurs(problem: Problem): boolean {
  return !('resolutionKind' in problem && FOREIGN_RESOLUTIONS.has(problem.resolutionKind));
}

function describeProblem(problem: Problem): string {
  const where =
    ('entrypoint' in problem && `entry ${problem.entrypoint} by ${problem.resolutionKind}`) ||
    ('typesFileName' in problem && problem.typesFileName) ||
    ('moduleSpecifier' in problem && `${problem.fileName} imports ${problem.moduleSpecifier}`) ||
    ('fileName' in problem && problem.fileName);
  return `types: ${problem.kind} (${where})`;
}
