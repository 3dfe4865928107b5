import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { writeExamples } from '../check/examples.ts';
import type { Package } from '../check/workspace.ts';
import { temporaryDirectory } from '../testing/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function makePackage(name: string, example: string): Package {
  const directory = `packages/${name}`;
  return {
    directory,
    layer: name,
    name: `@slotmesh/${name}`,
    dependencies: [],
    references: [],
    sources: [],
    others: new Map([[`${directory}/README.md`, `\`\`\`ts\n${example}\n\`\`\`\n`]]),
  };
}

it('lets the compiler judge each example on its own', async () => {
  const directory = temporaryDirectory();
  const right = [
    "import assert from 'node:assert/strict';",
    "import { keySlot } from '@slotmesh/crc16-slots';",
    "const slot: number = keySlot('a');",
    'assert.equal(slot, 15495);',
  ].join('\n');
  const wrong = 'const slot: number = await Promise.resolve("a");';
  writeExamples([makePackage('right', right), makePackage('wrong', wrong)], directory.path, root);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory.path, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: directory.path,
  });
  await directory.remove();
  expect(stdout).toContain('packages-wrong-readme.ts(1,7): error TS2322');
  expect(stdout).not.toContain('packages-right-readme.ts');
});
