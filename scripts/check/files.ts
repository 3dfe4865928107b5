// The shape of files: short enough to be read, and an index that is the table of contents.

import type { Finding } from './finding.ts';
import { findingAt, type SourceFile, walk } from './source.ts';
import type { Package } from './workspace.ts';

/** A file is around 400 lines; one that is longer than this holds two things. */
export const FILE_LINES_MAX = 600;

/** The files that a package's manifest exports. */
const PUBLIC_INDEX = /^\w+\/[\w-]+\/src\/(testing\/)?index\.ts$/;

/** Length of every file, README of every package, and the exports of the sources. */
export function checkFiles(packages: readonly Package[]): Finding[] {
  return packages.flatMap((one) => [
    ...checkReadme(one),
    ...[...one.others].flatMap(([path, text]) => checkLength(path, text)),
    ...one.sources.flatMap((file) => checkLength(file.path, file.text)),
    ...one.sources.flatMap(checkExports),
  ]);
}

/** Whether a file of code is too long. */
export function checkLength(path: string, text: string): Finding[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  if (path.endsWith('.md') || lines <= FILE_LINES_MAX) return [];
  return [{ file: path, line: 0, message: `${lines} lines; ${FILE_LINES_MAX} are the most` }];
}

function checkReadme(one: Package): Finding[] {
  const path = `${one.directory}/README.md`;
  const text = one.others.get(path);
  if (text === undefined) return [{ file: path, line: 0, message: 'is missing' }];
  if (/^\s*```ts\s*$/m.test(text)) return [];
  return [{ file: path, line: 0, message: 'has no example (a block that is fenced as ts)' }];
}

function checkExports(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  walk(file.program, (node) => {
    if (node.type === 'ExportAllDeclaration') {
      findings.push(findingAt(file, node, 'export *: a table of contents lists names'));
    }
  });
  if (!PUBLIC_INDEX.test(file.path)) return findings;
  for (const node of file.program.body as (typeof file.program)[]) {
    const lists = node.type === 'ExportNamedDeclaration' && node.declaration === null;
    if (lists || node.type === 'ExportAllDeclaration') continue;
    findings.push(findingAt(file, node, 'an index only lists what it exports from other files'));
  }
  return findings;
}
