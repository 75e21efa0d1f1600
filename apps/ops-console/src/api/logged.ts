import { tagOf } from '../forgetting/person.ts';
import type { Logged } from './route.ts';

interface Settings {
  rules?: object | undefined;
  label?: string | undefined;
}

/** What the operator log keeps of a change: rules hold addresses, and a label may be somebody's name. */
function settings(body: Settings): object {
  const { rules, label: _, ...rest } = body;
  return { ...rest, fields: Object.keys(body), ...(rules && { rules: Object.keys(rules) }) };
}

/** Where not all of a body may be kept. */
export const LOGGED: Logged = {
  'POST /find': (body) => ({ fields: Object.keys(body) }),
  'POST /mailboxes': settings,
  'PATCH /mailboxes/:id': settings,
  'POST /mailboxes/:id/rules-tests': settings,
  'PATCH /dead-letters/groups/:id': ({ snoozedUntil, ...rest }) => ({
    fields: Object.keys(rest),
    ...(snoozedUntil !== undefined && { snoozedUntil }),
  }),
  'POST /forget': ({ who, ...rest }) => ({ who: tagOf(who), ...rest }),
};
