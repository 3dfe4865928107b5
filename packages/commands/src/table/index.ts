// The command table: every command and subcommand that this server knows, one row each, by family.

import { CommandTable } from '../command.ts';
import { BITMAPS } from './bitmaps.ts';
import { CLIENT } from './client.ts';
import { CLUSTER } from './cluster.ts';
import { CONNECTION } from './connection.ts';
import { COUNTERS } from './counters.ts';
import { DUMPS } from './dumps.ts';
import { EXPIRY } from './expiry.ts';
import { FUNCTIONS } from './functions.ts';
import { KEY_NAMES } from './key-names.ts';
import { KEYS } from './keys.ts';
import { MONITORING } from './monitoring.ts';
import { PUBSUB } from './pubsub.ts';
import { REPLICATION } from './replication.ts';
import { SERVER } from './server.ts';
import { STRING_PARTS } from './string-parts.ts';
import { STRING_VALUES } from './string-values.ts';
import { STRINGS } from './strings.ts';
import { TRANSACTIONS } from './transactions.ts';

export const COMMAND_TABLE: CommandTable = new CommandTable([
  ...STRINGS,
  ...STRING_VALUES,
  ...STRING_PARTS,
  ...COUNTERS,
  ...BITMAPS,
  ...KEYS,
  ...EXPIRY,
  ...KEY_NAMES,
  ...DUMPS,
  ...TRANSACTIONS,
  ...PUBSUB,
  ...CONNECTION,
  ...CLIENT,
  ...SERVER,
  ...REPLICATION,
  ...MONITORING,
  ...CLUSTER,
  ...FUNCTIONS,
]);
