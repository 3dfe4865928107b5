import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { directivesPage } from '../../src/config/directives-page.ts';

const page = new URL('../../docs/directives.md', import.meta.url);

it('docs/directives.md says what the table says (UPDATE_DOCS=1 writes it)', () => {
  if (process.env.UPDATE_DOCS === '1') {
    mkdirSync(new URL('.', page), { recursive: true });
    writeFileSync(page, directivesPage());
  }
  expect(readFileSync(page, 'utf8')).toBe(directivesPage());
});
