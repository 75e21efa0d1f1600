import type { Commands } from './command.ts';
import { actionCommands } from './commands/actions.ts';
import { auditCommands } from './commands/audits.ts';
import { completionCommands } from './commands/completion.ts';
import { deadCommands } from './commands/dead.ts';
import { doctorCommands } from './commands/doctor.ts';
import { findCommands } from './commands/find.ts';
import { fleetCommands } from './commands/fleet.ts';
import { forgetCommands } from './commands/forget.ts';
import { historyCommands } from './commands/history.ts';
import { logLevelCommands } from './commands/log-level.ts';
import { mailCommands } from './commands/mail.ts';
import { mailboxCommands } from './commands/mailboxes.ts';
import { messageCommands } from './commands/messages.ts';
import { operationCommands } from './commands/operations.ts';
import { queueCommands } from './commands/queues.ts';
import { replayCommands } from './commands/replay.ts';
import { rulesCommands } from './commands/rules.ts';
import { sessionCommands } from './commands/sessions.ts';
import { shardCommands } from './commands/shards.ts';
import { statusCommands } from './commands/status.ts';
import { subscriptionCommands } from './commands/subscriptions.ts';

/** Every command by its name, in the order of --help. */
export const COMMANDS: Commands = {
  ...statusCommands,
  ...historyCommands,
  ...doctorCommands,
  ...findCommands,
  ...messageCommands,
  ...mailboxCommands,
  ...rulesCommands,
  ...subscriptionCommands,
  ...sessionCommands,
  ...auditCommands,
  ...replayCommands,
  ...deadCommands,
  ...mailCommands,
  ...operationCommands,
  ...forgetCommands,
  ...queueCommands,
  ...fleetCommands,
  ...logLevelCommands,
  ...shardCommands,
  ...actionCommands,
  ...completionCommands(() => COMMANDS),
};
