// The READMEs' examples must also be right for the compiler, as users write them: they are checked as files of their own.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstTsBlock } from '../readme-example.ts';
import type { Package } from './workspace.ts';

/**
 * Writes the examples into `directory`, which is emptied before, each into a file that its package names, together with
 * a tsconfig.json for the compiler. `root` is the repository. Packages without an example are left out: another check
 * complains about them.
 */
export function writeExamples(packages: readonly Package[], directory: string, root: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const one of packages) {
    const example = firstTsBlock(one.others.get(`${one.directory}/README.md`) ?? '');
    // An example that imports nothing would otherwise be a script, which shares its names with all the others.
    const text = `${example ?? ''}\nexport {};\n`;
    writeFileSync(join(directory, `${one.directory.replace('/', '-')}-readme.ts`), text);
  }
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const config = {
    extends: join(root, 'tsconfig.test.json'),
    compilerOptions: { typeRoots: [join(root, 'node_modules/@types')], noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
}
