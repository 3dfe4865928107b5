import { readFileSync } from 'node:fs';

/** This package's version. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;

/** The Redis that nodes are compatible with, as INFO and HELLO say. */
export const REDIS_VERSION = '7.2.4';
