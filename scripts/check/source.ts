// A source file as the checks see it: its syntax tree, and what it imports. The tree comes from a real parser, so
// comments and strings never look like code.

import { parseSync } from 'vite';
import type { Finding } from './finding.ts';

/** A node of the syntax tree (ESTree with TypeScript's nodes). */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** An import or a re-export, for types only or not. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import(...)` as an expression. */
  readonly dynamic: boolean;
}

/** A parsed file. */
export interface SourceFile {
  /** From the root, with slashes: `packages/resp/src/index.ts`. */
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
  readonly imports: readonly Import[];
  lineOf(node: SyntaxNode): number;
}

/** Parses a file; throws with path and line where it is not TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text, { lang: 'ts', sourceType: 'module' });
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const lineOf = (node: SyntaxNode): number => lineAt(node.start);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const root = program as unknown as SyntaxNode;
  const imports: Import[] = [];
  walk(root, (node) => {
    const source = isNode(node.source) ? node.source : null;
    if (source === null) return;
    imports.push({
      // A specifier that is computed cannot be checked; it is shown as it stands.
      specifier:
        typeof source.value === 'string' ? source.value : text.slice(source.start, source.end),
      line: lineOf(node),
      dynamic: node.type === 'ImportExpression',
    });
  });
  return { path, text, program: root, imports, lineOf };
}

/** Calls `visit` for every node, parents first, with the parent and the field that the node stands in. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null, field: string) => void,
  parent: SyntaxNode | null = null,
  field = '',
): void {
  visit(node, parent, field);
  for (const [name, value] of Object.entries(node)) {
    if (isNode(value)) walk(value, visit, node, name);
    else if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit, node, name);
    }
  }
}

/** Whether a field of a node holds another node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A finding at a node. */
export function findingAt(file: SourceFile, node: SyntaxNode, message: string): Finding {
  return { file: file.path, line: file.lineOf(node), message };
}
