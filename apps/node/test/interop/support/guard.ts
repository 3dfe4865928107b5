// Ends a server and removes its folder when the program that started it is gone, however it went: no handler runs after
// SIGKILL, and none of Node's after a SIGTERM that nobody listens for. Ours ends by itself when its parent's channel
// closes; redis-server has no such thing. So a shell of a megabyte waits beside each server, in a session of its own that
// a Ctrl-C does not reach, for the end of its input.

import { type ChildProcess, spawn } from 'node:child_process';

/** Reads which process group runs now (0: none) until it is told that all is done, or the input ends without that. */
const SCRIPT = `
group=0
while read -r word; do
  [ "$word" = done ] && exit 0
  group=$word
done
[ "$group" = 0 ] || kill -s KILL -- "-$group"
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

/** The guard of one server, over all of its restarts. */
export class Guard {
  readonly #shell: ChildProcess;

  constructor(directory: string) {
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'guard', directory], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.on('error', () => undefined); // there is no shell: the exit handler is all there is
    this.#shell.stdin?.on('error', () => undefined);
    this.#shell.unref();
    // Its input may not keep this process alive either.
    (this.#shell.stdin as { unref?: () => void } | null)?.unref?.();
  }

  /** The server leads this process group now. */
  started(group: number): void {
    this.#shell.stdin?.write(`${group}\n`);
  }

  ended(): void {
    this.#shell.stdin?.write('0\n');
  }

  /** Nothing is left to look after. */
  dismiss(): void {
    this.#shell.stdin?.end('done\n');
  }
}
