// Which arguments are passwords: MONITOR and SLOWLOG show them to other people.

import type { Arguments } from '@slotmesh/resp';
import { isWord } from './bytes.ts';

const SECRET_DIRECTIVES = ['REQUIREPASS', 'MASTERAUTH', 'MASTERUSER', 'TLS-KEY-FILE-PASS'];

/** Whether argument `i` of a command of that name is not to be shown. */
export function isSecret(fullName: string, args: Arguments, i: number): boolean {
  if (fullName === 'auth') return i > 0;
  if (fullName === 'hello') return isWordAt(args, i - 1, 'AUTH') || isWordAt(args, i - 2, 'AUTH');
  if (fullName !== 'config|set') return false;
  return i > 2 && i % 2 === 1 && SECRET_DIRECTIVES.some((name) => isWordAt(args, i - 1, name));
}

function isWordAt(args: Arguments, i: number, word: string): boolean {
  return i > 0 && isWord(args, i, word);
}
