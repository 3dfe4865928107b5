// Which package may import which. This table is the rule; ARCHITECTURE.md tells why the layers lie as they do.

import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import type { SourceFile } from './source.ts';
import type { Package } from './workspace.ts';

/** A row of the table. */
export interface Layer {
  /** The packages that it may import. */
  readonly imports: readonly string[];
  /** Pure packages run anywhere, and decide nothing but by what they are told: see `purity.ts`. */
  readonly pure: boolean;
  /** Packages from outside the workspace that it may import: none, unless the table says why. */
  readonly outside?: readonly string[];
  /** A folder of its sources that is not pure though the rest is: its command line. */
  readonly impureFolder?: string;
}

const pure = (...imports: string[]): Layer => ({ imports, pure: true });
const outside = (...imports: string[]): Layer => ({ imports, pure: false });

/** From the bottom to the top: a layer imports only what stands before it. */
export const LAYERS: ReadonlyMap<string, Layer> = new Map([
  ['crc16-slots', pure()],
  ['resp', pure()],
  ['rdb', pure()],
  ['machine', pure()],
  ['replication', pure('machine', 'resp')],
  ['cluster-bus', pure('crc16-slots')],
  ['topology', pure('crc16-slots')],
  ['nodes-conf', pure('topology', 'crc16-slots')],
  ['gossip', pure('machine', 'topology', 'cluster-bus', 'crc16-slots')],
  ['failover', pure('machine', 'topology', 'cluster-bus', 'crc16-slots')],
  ['cluster-core', pure('machine', 'topology', 'cluster-bus', 'gossip', 'failover', 'crc16-slots')],
  ['keyspace', pure('crc16-slots')],
  ['commands', pure('resp', 'rdb', 'keyspace', 'crc16-slots', 'topology', 'cluster-core')],
  [
    'simulator',
    {
      imports: [
        ...['crc16-slots', 'machine', 'cluster-bus', 'topology', 'nodes-conf', 'gossip'],
        ...['cluster-core', 'resp', 'replication'],
      ],
      pure: true,
      // Traces are files for other tools as well, so they are in a format that those can read.
      outside: ['@msgpack/msgpack'],
      impureFolder: 'cli',
    },
  ],
  ['io', outside('machine')],
  [
    'apps/node',
    outside(
      ...['crc16-slots', 'resp', 'machine', 'cluster-bus', 'topology', 'nodes-conf', 'gossip'],
      ...['cluster-core', 'keyspace', 'commands', 'replication', 'io'],
    ),
  ],
]);

const SCOPE = '@slotmesh/';

/** Whether a source is held to what its package promises: all are, but for those of its command line. */
export function isPureSource(one: Package, layer: Layer, path: string): boolean {
  if (!layer.pure) return false;
  const { impureFolder } = layer;
  return impureFolder === undefined || !path.startsWith(`${one.directory}/src/${impureFolder}/`);
}

/**
 * Every import of a source obeys the table and is declared: in the manifest, which the installation follows, and in
 * tsconfig.json, which the build follows. Nothing is declared that is not imported.
 */
export function checkLayers(
  packages: readonly Package[],
  layers: ReadonlyMap<string, Layer> = LAYERS,
): Finding[] {
  return packages.flatMap((one) => {
    const layer = layers.get(one.layer);
    if (layer === undefined) {
      const message = `${one.layer} has no row in the layer table (scripts/check/layers.ts)`;
      return [{ file: `${one.directory}/package.json`, line: 0, message }];
    }
    return [
      ...one.sources.flatMap((file) => checkImports(one, layer, file)),
      ...checkDeclarations(one, layer),
    ];
  });
}

function checkImports(one: Package, layer: Layer, file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  for (const { specifier, line } of file.imports) {
    const problem = importProblem(one, layer, file, specifier);
    if (problem !== null) findings.push({ file: file.path, line, message: problem });
  }
  return findings;
}

function importProblem(
  one: Package,
  layer: Layer,
  file: SourceFile,
  specifier: string,
): string | null {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), specifier);
    if (target.startsWith(`${one.directory}/src/`)) return null;
    return `'${specifier}' leaves the package's sources`;
  }
  if (specifier.startsWith('node:')) {
    return isPureSource(one, layer, file.path)
      ? `'${specifier}' in a pure package: only apps and io import node:`
      : null;
  }
  if (!specifier.startsWith(SCOPE)) {
    if (!layer.outside?.includes(specifier)) {
      return `'${specifier}' is a dependency outside the workspace`;
    }
  } else if (!layer.imports.includes(specifier.slice(SCOPE.length))) {
    return `${one.layer} may not import '${specifier}'`;
  }
  return one.dependencies.includes(specifier)
    ? null
    : `package.json does not declare '${specifier}'`;
}

function checkDeclarations(one: Package, layer: Layer): Finding[] {
  const findings: Finding[] = [];
  const imported = new Set(one.sources.flatMap((file) => file.imports.map((i) => i.specifier)));
  const complain = (file: string, message: string): void => {
    findings.push({ file: `${one.directory}/${file}`, line: 0, message });
  };
  for (const name of one.dependencies) {
    const target = name.slice(SCOPE.length);
    if (layer.outside?.includes(name)) {
      if (!imported.has(name)) complain('package.json', `${name} is declared and never imported`);
      continue;
    }
    if (!name.startsWith(SCOPE)) {
      complain('package.json', `${name} is a runtime dependency outside the workspace`);
    } else if (!layer.imports.includes(target)) {
      complain('package.json', `${one.layer} may not depend on ${name}`);
    } else if (!imported.has(name)) {
      complain('package.json', `${name} is declared and never imported`);
    }
    if (!one.references.includes(`packages/${target}`)) {
      complain('tsconfig.json', `the references lack ../${target}, which package.json depends on`);
    }
  }
  for (const reference of one.references) {
    const name = SCOPE + posix.basename(reference);
    if (!one.dependencies.includes(name)) {
      complain('tsconfig.json', `refers to ${reference}, which package.json does not depend on`);
    }
  }
  return findings;
}
