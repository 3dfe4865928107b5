// No circle of imports: not among the files of a package, and not among packages. Imports of types count as well; files
// that need each other's types are one file, or lack a third.

import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import type { Package } from './workspace.ts';

/** One finding per circle; its text shows the way around. */
export function checkCycles(packages: readonly Package[]): Finding[] {
  const findings: Finding[] = [];
  const complain = (way: readonly string[], file: string): void => {
    findings.push({ file, line: 0, message: `import cycle: ${way.join(' -> ')}` });
  };
  for (const one of packages) {
    const graph = new Map(
      one.sources.map((file) => [
        file.path,
        file.imports
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier)),
      ]),
    );
    for (const way of findCycles(graph)) complain(way, way[0]);
  }
  const directories = new Map(packages.map((one) => [one.name, one.directory]));
  const graph = new Map(
    packages.map((one) => [
      one.name,
      [...one.dependencies, ...one.sources.flatMap((file) => file.imports.map((i) => i.specifier))],
    ]),
  );
  for (const way of findCycles(graph)) complain(way, `${directories.get(way[0])}/package.json`);
  return findings;
}

/**
 * Ways through a directed graph that end where they began. Depth first: an edge to a node that lies on the way that
 * led here closes a circle. Every circle shows at least one such edge, so none goes unnoticed.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const way: string[] = [];
  const visit = (node: string): void => {
    if (finished.has(node) || !graph.has(node)) return;
    const start = way.indexOf(node);
    if (start !== -1) {
      cycles.push([...way.slice(start), node]);
      return;
    }
    way.push(node);
    for (const next of new Set(graph.get(node))) visit(next);
    way.pop();
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return cycles;
}
