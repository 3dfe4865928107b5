import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { satisfies } from '../lib/engines.mjs';
import { resolveSource } from '../lib/ts-hooks.mjs';
import { fetchProblem, packageDirectories } from '../lib/workspace.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('engines', () => {
  const range = '^20.20.2 || ^22.22.2 || >=24.14.1';

  it.each(['20.20.2', '20.21.0', '22.22.2', '24.14.1', '24.15.0', '25.0.0', '30.1.2'])(
    '%s is supported',
    (version) => expect(satisfies(version, range)).toBe(true),
  );

  it.each(['18.19.0', '20.20.1', '20.9.9', '21.7.0', '22.22.1', '23.11.0', '24.14.0', '24.2.0'])(
    '%s is not',
    (version) => expect(satisfies(version, range)).toBe(false),
  );

  it('refuses ranges that it does not understand', () => {
    expect(() => satisfies('20.0.0', '~20.0.0')).toThrow('unknown form');
  });
});

describe('a pnpm that cannot be fetched', () => {
  it('is told in one line, the network apart', () => {
    const offline = 'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\n';
    expect(fetchProblem('12.0.0', offline)).toBe(
      'pnpm 12.0.0 cannot be fetched: the package registry is out of reach (ENOTFOUND); is there a network?',
    );
    expect(fetchProblem('12.0.0', '\nnpm error code ETARGET\nmore\n')).toBe(
      'pnpm 12.0.0 cannot be fetched: npm error code ETARGET',
    );
  });
});

describe('the TypeScript runner', () => {
  it('finds our packages as sources, and leaves others alone', () => {
    expect(resolveSource('@slotmesh/resp')).toMatch(/\/packages\/resp\/src\/index\.ts$/);
    expect(resolveSource('@slotmesh/node')).toMatch(/\/apps\/node\/src\/index\.ts$/);
    expect(resolveSource('@slotmesh/node/testing')).toMatch(
      /\/apps\/node\/src\/testing\/index\.ts$/,
    );
    expect(resolveSource('redis-parser')).toBe('redis-parser');
  });

  it('knows every package', () => {
    expect(packageDirectories()).toContain('packages/resp');
    expect(packageDirectories()).toContain('apps/node');
  });
});

/** Runs a script that starts `program` (Node.js code) through run.mjs and prints the outcome. */
function startLauncher(program: string) {
  const library = pathToFileURL(join(root, 'scripts/lib/run.mjs')).href;
  const script = `
    import { launch, run } from '${library}';
    await launch(async () => {
      const outcome = await run(process.execPath, ['-e', ${JSON.stringify(program)}]);
      console.log(JSON.stringify(outcome));
      return outcome.code;
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const printed = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  return { child, printed, ended: once(child, 'close'), output: () => output };
}

describe('run', () => {
  it('gives back output and exit code', async () => {
    const launcher = startLauncher("console.log('hello'); process.exitCode = 3;");
    expect(await launcher.ended).toEqual([3, null]);
    expect(launcher.output()).toBe('hello\n{"code":3,"leftBehind":false}\n');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on once and ends by it',
    async (signal) => {
      const launcher = startLauncher(`
      process.on('${signal}', () => {
        console.log('got ${signal}');
        setTimeout(() => process.exit(0), 100);
      });
      setInterval(() => {}, 1000);
      console.log('ready');
    `);
      await launcher.printed('ready');
      launcher.child.kill(signal);
      expect(await launcher.ended).toEqual([null, signal]);
      expect(launcher.output()).toBe(`ready\ngot ${signal}\n`);
    },
  );

  it('ends what a program leaves behind, and says so', async () => {
    const launcher = startLauncher(`
      const child = require('child_process').spawn(
        process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      child.unref();
    `);
    // The end of the output proves that it is gone: what was left behind had the other end of this pipe, too.
    expect(await launcher.ended).toEqual([0, null]);
    expect(launcher.output()).toBe('{"code":0,"leftBehind":true}\n');
  });

  it('says in one line what cannot be started', async () => {
    const library = pathToFileURL(join(root, 'scripts/lib/run.mjs')).href;
    const script = `
      import { launch, run } from '${library}';
      await launch(async () => (await run('/no/such/program', [])).code);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(said).toMatch(/^slotmesh: \/no\/such\/program cannot be started: .*ENOENT\n$/);
  });
});
