// Runs the text scripts of this folder. SLOTMESH_REWRITE=1 writes what happens into them: read the
// difference.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runScript } from './support/script.ts';

const folder = fileURLToPath(new URL('./scripts/', import.meta.url));

describe('scripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  it.each(names)('%s', (name) => {
    const path = folder + name;
    const script = readFileSync(path, 'utf8');
    const result = runScript(script);
    if (process.env.SLOTMESH_REWRITE === '1') writeFileSync(path, result);
    else expect(result).toBe(script);
  });
});
