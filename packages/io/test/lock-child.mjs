// Takes the lock of the file in its first argument, says how that went, and stays until it is ended.
// Node strips the types of the sources it imports only from version 22 on, so the build is used.
import { FileLock } from '../dist/index.js';

process.stdin.once('data', () => {
  try {
    FileLock.acquire(process.argv[2]);
    process.stdout.write('held\n');
  } catch (error) {
    process.stdout.write(
      error.code === 'LOCKED' ? `locked by ${error.holderPid}\n` : `failed: ${error.message}\n`,
    );
  }
});
process.stdin.on('end', () => process.exit());
