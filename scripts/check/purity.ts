// Pure packages decide by their arguments alone, or a run could not be replayed: no clock, no randomness, no timer, no
// promise, no I/O, no environment, nothing that depends on the place or the collector.

import type { Finding } from './finding.ts';
import { isPureSource, LAYERS, type Layer } from './layers.ts';
import { findingAt, type SourceFile, type SyntaxNode, walk } from './source.ts';
import type { Package } from './workspace.ts';

/** Global names by what is wrong with them. A local variable of such a name would hide a use, so it is refused too. */
const BANNED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'reads a clock (time is an argument)': ['Date', 'performance'],
    'sets a timer (ticks are inputs)': ['setTimeout', 'setInterval', 'setImmediate'],
    'is asynchronous (results are effects)': ['Promise', 'queueMicrotask'],
    'reaches the outside': ['process', 'console', 'fetch', 'globalThis', 'require'],
    'exists only in Node.js': ['Buffer'],
    'is a source of randomness (it is injected)': ['crypto'],
    'depends on the machine': ['Intl', 'WeakRef', 'FinalizationRegistry'],
    'runs code that no check has seen': ['eval'],
  }).flatMap(([reason, names]) => names.map((name) => [name, reason] as const)),
);

/** Methods of built-in values whose result depends on where the program runs. */
const BANNED_METHODS = new Set([
  'localeCompare',
  'toLocaleString',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
]);

/** Looks through the sources of all pure packages. */
export function checkPurity(
  packages: readonly Package[],
  layers: ReadonlyMap<string, Layer> = LAYERS,
): Finding[] {
  return packages.flatMap((one) => {
    const layer = layers.get(one.layer);
    if (layer === undefined) return [];
    return one.sources.filter((file) => isPureSource(one, layer, file.path)).flatMap(checkFile);
  });
}

function checkFile(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  walk(file.program, (node, parent, field) => {
    const problem = problemOf(node, parent, field);
    if (problem !== null) findings.push(findingAt(file, node, `${problem} in a pure package`));
  });
  return findings;
}

function problemOf(node: SyntaxNode, parent: SyntaxNode | null, field: string): string | null {
  switch (node.type) {
    case 'Identifier': {
      const reason = BANNED.get(node.name as string);
      if (reason === undefined || isMerelyAName(parent, field)) return null;
      return `${node.name} ${reason}:`;
    }
    case 'MemberExpression':
      return memberProblem(node);
    case 'VariableDeclarator':
      return isIdentifier(node.init, 'Math') && (node.id as SyntaxNode).type === 'ObjectPattern'
        ? 'taking Math apart hides Math.random:'
        : null;
    case 'AwaitExpression':
      return 'await is asynchronous (results are effects):';
    case 'ForOfStatement':
      return node.await === true ? 'for await is asynchronous (results are effects):' : null;
    case 'ImportExpression':
      return 'import() is asynchronous (results are effects):';
    case 'MetaProperty':
      return isIdentifier(node.meta, 'import') ? 'import.meta depends on the machine:' : null;
    default:
      return node.async === true ? 'async is asynchronous (results are effects):' : null;
  }
}

/** `Math.random`, however it is written, and the methods that depend on the place. */
function memberProblem(node: SyntaxNode): string | null {
  const property = node.property as SyntaxNode;
  const name = property.type === 'Identifier' ? property.name : property.value;
  if (isIdentifier(node.object, 'Math')) {
    if (node.computed === true && typeof property.value !== 'string') {
      return 'a computed member of Math hides Math.random:';
    }
    if (name === 'random') return 'Math.random is a source of randomness (it is injected):';
  }
  if (typeof name === 'string' && BANNED_METHODS.has(name))
    return `${name} depends on the machine:`;
  return null;
}

/** Where an identifier is not a variable but the name of a member, a label or an export, by its parent and field. */
const MERE_NAMES = new Set([
  'ImportSpecifier.imported',
  'ExportSpecifier.exported',
  'TSQualifiedName.right',
  'TSNamedTupleMember.label',
  'LabeledStatement.label',
  'BreakStatement.label',
  'ContinueStatement.label',
]);

/** `clock.Date`, `{ Date: 1 }` and `interface X { fetch(): void }` do not use the global. */
function isMerelyAName(parent: SyntaxNode | null, field: string): boolean {
  if (parent === null) return false;
  if (field === 'property' || field === 'key') return parent.computed !== true;
  return MERE_NAMES.has(`${parent.type}.${field}`);
}

function isIdentifier(value: unknown, name: string): boolean {
  const node = value as SyntaxNode | null | undefined;
  return node?.type === 'Identifier' && node.name === name;
}
