// The program behind `npm run simulate -- --mutants`: looks for all mutants, or those that are named,
// on all cores, and says after how many seeds each was found.

import { availableParallelism } from 'node:os';
import { UsageError } from '../arguments.ts';
import { MutantError } from './build.ts';
import { findMutant, MUTANTS } from './index.ts';
import { isScripted, type Mutant, type ScriptedMutant, type SearchedMutant } from './mutant.ts';
import { playMutant, searchMutant } from './search.ts';

/** Searches that are to say something about the mean begin this far apart. */
const SEEDS_APART = 1_000_000;
const MEASURED_SEEDS_MAX = 1000;

interface Request {
  readonly mutants: readonly Mutant[];
  /** How many searches of each. */
  readonly searches: number;
}

function parse(words: readonly string[]): Request {
  const names: string[] = [];
  let searches = 1;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--mutants') continue;
    if (words[i] === '--measure') {
      searches = Number(words[++i]);
      if (Number.isInteger(searches) && searches > 0) continue;
      throw new UsageError('--measure takes how many searches');
    }
    if (words[i].startsWith('-')) throw new UsageError(`unknown option '${words[i]}'`);
    names.push(words[i]);
  }
  return { mutants: names.length === 0 ? MUTANTS : names.map(findMutant), searches };
}

/** Whether all searches found it, by a check that it names. */
async function lookFor(mutant: SearchedMutant, searches: number): Promise<boolean> {
  const needed: number[] = [];
  const foundBy = new Set<string>();
  const seedsMax = searches === 1 ? mutant.seedsMax : MEASURED_SEEDS_MAX;
  let isFound = true;
  for (let k = 0; k < searches; k++) {
    const { seeds, failed } = await searchMutant(mutant, {
      firstSeed: 1 + k * SEEDS_APART,
      seedsMax,
    });
    const by = failed?.failure?.invariant;
    if (by !== undefined) foundBy.add(by);
    isFound &&= by !== undefined && mutant.foundBy.includes(by);
    needed.push(failed === null ? Number.POSITIVE_INFINITY : seeds);
  }
  const mean = needed.reduce((sum, seeds) => sum + seeds, 0) / needed.length;
  const found = foundBy.size === 0 ? 'nothing' : [...foundBy].join(', ');
  const seeds = searches === 1 ? `seed ${needed[0]}` : `${mean.toFixed(1)} seeds (${needed})`;
  report(isFound, mutant, `${found.padEnd(10)} ${seeds}`);
  return isFound;
}

async function play(mutant: ScriptedMutant): Promise<boolean> {
  const told = await playMutant(mutant);
  report(told !== null, mutant, `script     ${mutant.script}`);
  return told !== null;
}

function report(isFound: boolean, { name }: Mutant, how: string): void {
  console.log(`${isFound ? 'ok' : '!!'}  ${name.padEnd(28)} ${how}`);
}

async function main(words: readonly string[]): Promise<number> {
  const { mutants, searches } = parse(words);
  const left = [...mutants];
  let missed = 0;
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const isFound = isScripted(mutant) ? await play(mutant) : await lookFor(mutant, searches);
      if (!isFound) missed++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  console.log(`${mutants.length - missed} of ${mutants.length} mutants were found`);
  return missed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof MutantError)) throw error;
  console.error(`slotmesh: ${error.message}`);
  process.exitCode = 2;
}
