export { LineId } from './actions.ts';
export { ConsoleApiError, ConsoleClient } from './console-client.ts';
export { type CsvTable, csvHead } from './csv/csv-table.ts';
export { CSV_TABLES, type CsvName } from './csv/csv-tables.ts';
export { type Endpoint, ROLES, type Role } from './endpoint.ts';
export { ForgetAccount } from './forget.ts';
export { ON_TIME_OBJECTIVE, OnTime, onTimePercent } from './on-time.ts';
export {
  type CauseView,
  Concern,
  type HeldMailbox,
  type MailboxView,
  Overview,
  type SessionView,
} from './overview.ts';
export { type AnswerOf, type CallName, type RequestOf, ROUTES, type RouteName } from './routes.ts';
export { TAGS } from './tags.ts';
