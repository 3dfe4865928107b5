// Runs other programs for the launchers. Each gets a process group of its own: a signal that we pass on reaches all of
// it exactly once (Ctrl-C would otherwise come from the terminal and from us), and nothing of it stays when it ends.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The repository's root, without a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** Ends a launcher with one line instead of a stack trace; an empty message means that enough was said. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const SIGNAL_NUMBERS = new Map([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGKILL', 9],
  ['SIGTERM', 15],
]);
/** One Ctrl-C arrives twice, from the terminal and from npm; what comes this soon after is not a second one. */
const ECHO_MS = 500;
/** Processes that end a moment after their parent are not left behind. */
const LEFTOVER_GRACE_MS = 2000;

/**
 * @typedef {object} Outcome
 * @property {number} code the exit code; 128 + n where signal n ended the program
 * @property {boolean} leftBehind whether processes of the program outlived it; they have been killed
 */

/**
 * Runs a program with our output. Where a signal asked us to end, it is passed on, and once the program is gone we
 * end by the same signal.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: output is dropped
 * @returns {Promise<Outcome>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: options.env ?? process.env,
      stdio: ['ignore', options.quiet ? 'ignore' : 'inherit', options.quiet ? 'ignore' : 'inherit'],
      detached: true,
    });
    /** @type {NodeJS.Signals | null} */
    let asked = null;
    let askedAt = Number.NEGATIVE_INFINITY;
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      const now = performance.now();
      if (signal === asked && now - askedAt < ECHO_MS) return;
      asked = signal;
      askedAt = now;
      killGroup(child.pid, signal);
    };
    const killAtExit = () => killGroup(child.pid, 'SIGKILL');
    for (const signal of SIGNALS) process.on(signal, passOn);
    process.once('exit', killAtExit);
    const forget = () => {
      for (const signal of SIGNALS) process.off(signal, passOn);
      process.off('exit', killAtExit);
    };
    child.once('error', (error) => {
      forget();
      reject(new Failure(`${command} cannot be started: ${error.message}`));
    });
    child.once('exit', async (code, signal) => {
      const leftBehind = await sweep(child.pid);
      forget();
      if (asked !== null) process.kill(process.pid, asked);
      resolve({ code: code ?? 128 + (SIGNAL_NUMBERS.get(signal ?? '') ?? 0), leftBehind });
    });
  });
}

/**
 * Runs a program and returns what it printed on its standard output; throws a Failure with `what` and the program's
 * last words where it fails.
 *
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>}
 */
export function capture(what, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', (error) => reject(new Failure(`${what}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Failure(`${what}: ${stderr.trim() || stdout.trim() || `exit code ${code}`}`));
    });
  });
}

/**
 * Waits for a process group to be gone, kills what does not go, and says whether that was needed.
 * @param {number | undefined} group
 */
async function sweep(group) {
  if (await isGone(group)) return false;
  killGroup(group, 'SIGKILL');
  await isGone(group);
  return true;
}

/** @param {number | undefined} group */
async function isGone(group) {
  const giveUpAt = performance.now() + LEFTOVER_GRACE_MS;
  while (killGroup(group, 0) && hasLiving(group)) {
    if (performance.now() > giveUpAt) return false;
    await delay(50);
  }
  return true;
}

/**
 * A signal reaches processes as well that have ended and that nobody has asked for their result: in containers without
 * a proper first process they stay for good. Where there is /proc it tells them apart.
 * @param {number | undefined} group
 */
function hasLiving(group) {
  if (!existsSync('/proc/self/stat')) return true;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // pid (name) state parent group ...; the name may hold anything, brackets too.
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group && state !== 'Z' && state !== 'X';
    } catch {
      return false; // it has just ended
    }
  });
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether the group had a process
 */
function killGroup(group, signal) {
  if (group === undefined) return false;
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The frame of every launcher: its failures become one line and an exit code.
 * @param {() => Promise<number>} main returns the exit code
 */
export async function launch(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.message !== '') console.error(`slotmesh: ${error.message}`);
    process.exitCode = error.exitCode;
  }
}
