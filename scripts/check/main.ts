// For check.mjs: the checks that read the sources (`sources`), those of what would be published (`publish`), and the
// READMEs' examples written where the compiler can check them (`examples <folder>`).

import { fileURLToPath } from 'node:url';
import { checkCycles } from './cycles.ts';
import { writeExamples } from './examples.ts';
import { checkFiles, checkLength } from './files.ts';
import { type Finding, formatFinding } from './finding.ts';
import { checkLayers } from './layers.ts';
import { checkPublish } from './publish.ts';
import { checkPurity } from './purity.ts';
import { readCode, readPackages } from './workspace.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Prints what a check found, or that it found nothing. */
function report(name: string, findings: readonly Finding[]): boolean {
  for (const finding of findings) console.log(formatFinding(finding));
  console.log(findings.length === 0 ? `  ${name}: ok` : `  ${name}: ${findings.length} findings`);
  return findings.length === 0;
}

function checkSources(): boolean {
  const packages = readPackages(root);
  const tooling = [...readCode(root, 'scripts')].flatMap(([path, text]) => checkLength(path, text));
  return [
    report('layers', checkLayers(packages)),
    report('cycles', checkCycles(packages)),
    report('purity', checkPurity(packages)),
    report('files', [...checkFiles(packages), ...tooling]),
  ].every(Boolean);
}

async function checkPublished(): Promise<boolean> {
  let fine = true;
  for (const { directory } of readPackages(root)) {
    fine = report(directory, await checkPublish(`${root}${directory}`, directory)) && fine;
  }
  return fine;
}

function run(job: string, target: string): boolean | Promise<boolean> {
  switch (job) {
    case 'sources':
      return checkSources();
    case 'publish':
      return checkPublished();
    case 'examples':
      writeExamples(readPackages(root), target, root);
      return true;
    default:
      throw new Error(`unknown job: ${job}`);
  }
}

process.exitCode = (await run(process.argv[2], process.argv[3])) ? 0 : 1;
