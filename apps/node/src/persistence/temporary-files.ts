// Files that a node keeps beside its data file for a while: what is written before it takes the place of the old file, and
// snapshots on their way to and from other nodes. Their names tell which process they are of, so that what a crash has
// left can be removed at the next start, and what another process is at work on stays.

import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const OWNER = /^(?:\.(?:send|receive)-\d+)?\.tmp-(\d+)-\d+$/;
/** Of all nodes in this process. */
let count = 0;

/** A name that no other node uses, in this process or another. */
export function temporaryPath(dataPath: string, purpose: 'send' | 'receive'): string {
  count++;
  return `${dataPath}.${purpose}-${count}.tmp-${process.pid}-${count}`;
}

/** Removes what processes that are gone have left beside a data file; gives the names. Throws what the system says. */
export function removeAbandoned(dataPath: string): string[] {
  const directory = dirname(dataPath);
  const name = basename(dataPath);
  const abandoned = readdirSync(directory).filter((entry) => {
    if (!entry.startsWith(name)) return false;
    const owner = OWNER.exec(
      entry.slice(name.length).replace(/(\.tmp-\d+-\d+)\.tmp-\d+-\d+$/, '$1'),
    );
    return owner !== null && !isOthers(Number(owner[1]));
  });
  for (const entry of abandoned) rmSync(join(directory, entry), { force: true });
  return abandoned;
}

/** A number is given again some time: what bears ours is of an earlier process. */
function isOthers(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
