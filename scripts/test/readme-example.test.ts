import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstTsBlock, runReadmeExample } from '../readme-example.ts';
import { temporaryDirectory } from '../testing/ports.ts';

describe('firstTsBlock', () => {
  it('takes the first block that is ts, whatever else is fenced before it', () => {
    const text =
      '# a\n\n````md\n```ts\nno\n```\n````\n\n```sh\nls\n```\n\n```ts\nyes\n```\n\n```ts\nno\n```\n';
    expect(firstTsBlock(text)).toBe('yes\n');
  });

  it('gives null where there is none, or it never ends', () => {
    expect(firstTsBlock('```js\nx\n```\n')).toBeNull();
    expect(firstTsBlock('```ts\nx\n')).toBeNull();
  });
});

describe('runReadmeExample', () => {
  const directory = temporaryDirectory();
  const write = (example: string): Promise<void> =>
    writeFile(join(directory.path, 'README.md'), `# x\n\n\`\`\`ts\n${example}\n\`\`\`\n`);

  beforeAll(() => mkdir(join(directory.path, 'test')));
  afterAll(() => directory.remove());

  it('runs the example with types, top-level await and our packages, and leaves no file', async () => {
    await write(`
      import assert from 'node:assert/strict';
      import * as slots from '@slotmesh/crc16-slots';
      const value: number = await Promise.resolve(1);
      assert.equal(value, 1);
      assert.equal(typeof slots, 'object');
    `);
    await runReadmeExample(directory.path);
    await runReadmeExample(pathToFileURL(directory.path));
    await runReadmeExample(pathToFileURL(directory.path).href);
    expect(await readdir(join(directory.path, 'test'))).toEqual([]);
  });

  it('fails with the example', async () => {
    await write("import assert from 'node:assert/strict';\nassert.equal(1 + 1, 3);");
    await expect(runReadmeExample(directory.path)).rejects.toThrow('2 !== 3');
    expect(await readdir(join(directory.path, 'test'))).toEqual([]);
  });

  it('refuses an example that asserts nothing, and a README without one', async () => {
    await write('console.log(1);');
    await expect(runReadmeExample(directory.path)).rejects.toThrow('asserts nothing');
    await writeFile(join(directory.path, 'README.md'), '# x\n');
    await expect(runReadmeExample(directory.path)).rejects.toThrow('has no example');
  });
});
