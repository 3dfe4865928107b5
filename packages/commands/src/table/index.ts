// The command table: every command and subcommand that this server knows, one row each, by family.

import { CommandTable } from '../command.ts';
import { CLIENT } from './client.ts';
import { CLUSTER } from './cluster.ts';
import { CONNECTION } from './connection.ts';
import { FUNCTIONS } from './functions.ts';
import { KEYS } from './keys.ts';
import { PUBSUB } from './pubsub.ts';
import { SERVER } from './server.ts';
import { STRINGS } from './strings.ts';

export const COMMAND_TABLE: CommandTable = new CommandTable([
  ...STRINGS,
  ...KEYS,
  ...PUBSUB,
  ...CONNECTION,
  ...CLIENT,
  ...SERVER,
  ...CLUSTER,
  ...FUNCTIONS,
]);
