import { type Clock, systemClock } from '@ms1/runtime';
import { z } from 'zod';

import type { Random } from '../generator/random.ts';

interface Fault {
  readonly about: string;
  /** the settings it reads besides share, times and mailboxId, with their defaults */
  readonly settings: Partial<Strike>;
}

/** What can go wrong on command. A new fault is a row here and one `strike()` where it bites. */
const FAULTS = {
  'ms4-down': { about: 'MS4 answers 503 with Retry-After', settings: { retryAfterS: 1 } },
  'ms4-latency': { about: 'MS4 takes so many ms longer', settings: { ms: 1_000 } },
  'ms4-commit-then-reset': {
    about: 'MS4 stores the batch, then resets the connection',
    settings: {},
  },
  'ms4-5xx': { about: 'MS4 fails and does not say for how long', settings: { status: 503 } },
  'ms4-429': { about: 'MS4 throttles, Retry-After in seconds', settings: { retryAfterS: 1 } },
  'ms4-429-date': { about: 'MS4 throttles, Retry-After as a date', settings: { retryAfterS: 1 } },
  'ms4-rate-limit': {
    about: 'MS4 throttles what exceeds `max` requests in any `ms`',
    settings: { max: 20, ms: 1_000, retryAfterS: 1 },
  },
  'ms4-auth': { about: 'MS4 refuses the credentials: 401 or 403', settings: { status: 401 } },
  'ms4-key-conflict': { about: 'MS4 knows the key with another body: 409', settings: {} },
  'ms4-too-large': { about: 'MS4 answers 413 above `max` bytes', settings: { max: 100_000 } },
  'ms4-poison': {
    about: 'MS4 refuses a batch with a `match` in it, and does not say which item',
    settings: { status: 422, match: 'POISON', retryAfterS: 0 },
  },
  'ms4-poison-reset': {
    about: 'MS4 resets the connection over a batch with a `match` in it',
    settings: { match: 'POISON' },
  },
  'ms4-poison-hang': {
    about: 'MS4 never answers a batch with a `match` in it',
    settings: { match: 'POISON' },
  },
  'ms4-poison-pointed': {
    about: 'MS4 refuses a batch with a `match` in it and points at the items',
    settings: { status: 422, match: 'POISON' },
  },
  'ms4-quotes': {
    about: 'MS4 refuses a batch with a `match` in it, points at the items and quotes them',
    settings: { status: 422, match: 'POISON' },
  },
  'ms4-accept': { about: 'MS4 stores and answers 202 without verdicts', settings: {} },
  'ms4-retry-verdict': { about: 'an item of a batch gets the verdict retry', settings: {} },
  'ms4-missing-result': { about: 'MS4 stores, one result is missing', settings: {} },
  'ms4-doubled-result': { about: 'MS4 stores, one result is there twice', settings: {} },
  'ms4-reordered-results': { about: 'MS4 stores, results in another order', settings: {} },
  'ms4-unknown-result': { about: 'MS4 stores, and judges an item nobody sent', settings: {} },
  'ms4-html': { about: 'a proxy answers 200 with a page; nothing is stored', settings: {} },
  'ms4-redirect': { about: 'a proxy redirects to elsewhere', settings: { status: 307 } },
  'ms4-truncated': { about: 'MS4 stores, its JSON is cut in half', settings: {} },
  'ms4-wrong-type': { about: 'MS4 stores, its JSON says that it is text', settings: {} },
  'ms4-enormous': { about: 'MS4 stores and answers `max` bytes', settings: { max: 8_000_000 } },
  'ms4-drip': { about: 'MS4 stores and answers one byte every `ms`', settings: { ms: 100 } },
  'ms4-hang': { about: 'MS4 neither stores nor answers', settings: {} },
  'ms4-commit-then-hang': { about: 'MS4 stores and never answers', settings: {} },
  'ms4-forgets': {
    about: 'MS4 stores a record again that it has: the control of every test of doubling',
    settings: {},
  },
  'graph-latency': {
    about: 'Graph takes so many ms longer for a mailbox request',
    settings: { ms: 1_000 },
  },
  'graph-message-latency': {
    about: 'Graph takes so many ms longer for each message of an answer',
    settings: { ms: 10 },
  },
  'graph-429': {
    about:
      'Graph throttles a mailbox request; `match` is a Retry-After that is no number, or `none`',
    settings: { retryAfterS: 1 },
  },
  'graph-401': { about: 'Graph refuses a token that was good, as when it expires', settings: {} },
  'graph-mailbox-move': {
    about: 'a mailbox moves: 503 ErrorMailboxMoveInProgress, best with lastsMs',
    settings: {},
  },
  'graph-mailbox-missing': {
    about: 'a mailbox is not there: 404 MailboxNotEnabledForRESTAPI and ResourceNotFound by turns',
    settings: {},
  },
  'graph-page-5xx': {
    about:
      'Graph fails a page of more than `max` messages or, with `match`, any that has it in a subject',
    settings: { status: 504, max: 100 },
  },
  'graph-item-404': {
    about: 'a message that is there is not found: 404 ErrorItemNotFound',
    settings: {},
  },
  'graph-nonsense': {
    about: 'Graph answers 200 with a page of HTML, nothing, a list and half a word, by turns',
    settings: {},
  },
  'graph-subscriptions-short': {
    about: 'the list of subscriptions ends after `max` of them, without a link',
    settings: { max: 0 },
  },
  'graph-expand-504': {
    about:
      'Graph takes too long to expand more than `max` messages or, with `match`, any that has it in its subject: 504',
    settings: { max: 20 },
  },
  'graph-expand-400': { about: 'Graph refuses to expand attachments', settings: {} },
  'graph-expand-bytes': {
    about: 'attachments are expanded with contentBytes, whatever was selected of them',
    settings: {},
  },
  'graph-expand-missing': {
    about: 'messages come without the attachments that were to be expanded',
    settings: {},
  },
  'graph-expand-paged': {
    about: 'the first `max` attachments are expanded, and a nextLink leads to the others',
    settings: { max: 1 },
  },
  'graph-5xx': { about: 'Graph fails a mailbox request', settings: { status: 503 } },
  'graph-quotes': {
    about: 'Graph refuses a mailbox request, and all of its answer is the text in `match`',
    settings: { status: 404, match: 'a text' },
  },
  'graph-403': { about: 'the app may not read a mailbox', settings: {} },
  'graph-tenant-wide': {
    about: 'the app may read every mailbox of the organisation, the outsider too',
    settings: {},
  },
  'graph-roles': {
    about: 'tokens that are issued carry the roles in `match`, separated by spaces; or `none`',
    settings: { match: 'Mail.Read Mail.Send' },
  },
  'graph-date': { about: 'the Date of Graph is so many ms ahead', settings: { ms: 60_000 } },
  'ms4-date': { about: 'the Date of MS4 is so many ms ahead', settings: { ms: 60_000 } },
  'delta-reset': {
    about: 'delta has forgotten the position; `match` is the code, SyncStateNotFound by default',
    settings: { status: 410 },
  },
  'delta-400': { about: 'delta refuses a request for no reason', settings: {} },
  'delta-empty': { about: 'delta answers a page without items that leads to itself', settings: {} },
  'delta-replay': { about: 'delta repeats `max` changes before the page', settings: { max: 20 } },
  'delta-doubled': { about: 'a page of delta has each item twice, in any order', settings: {} },
  'delta-lag': {
    about: 'delta holds back what was received within the last `ms`, and all after it',
    settings: { ms: 180_000 },
  },
  'delta-hides': {
    about: 'delta passes over a message and never tells of it; listings do',
    settings: {},
  },
  'delta-truncated': { about: 'a page of delta is cut in half', settings: {} },
  'drop-notifications': { about: 'Graph never sends a notification', settings: {} },
  'drop-lifecycle': { about: 'Graph never sends a lifecycle event', settings: {} },
  'notification-duplicate': { about: 'Graph sends it `max` times', settings: { max: 10 } },
  'notification-late': { about: 'Graph sends it so many ms late', settings: { ms: 5_000 } },
  'notification-shuffle': {
    about: 'Graph sends it up to `ms` late, so that they come in another order',
    settings: { ms: 1_000 },
  },
  'notification-pair': { about: 'an updated follows each created', settings: {} },
  'notification-token': {
    about: 'the tokens of a rich POST are signed by a key that nobody published',
    settings: {},
  },
  'endpoint-slow': { about: 'Graph finds the endpoint slow and delays for 10 min', settings: {} },
  'endpoint-drop': {
    about: 'Graph finds the endpoint too slow and drops for 10 min',
    settings: {},
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

export const FaultCommand = z.strictObject({
  name: z.enum(Object.keys(FAULTS) as [FaultName, ...FaultName[]]),
  /** of the occasions, 0 to 1; 0 ends the fault */
  share: z.number().min(0).max(1).default(1),
  /** it ends by itself after so many strikes */
  times: z.int().min(1).optional(),
  /** it ends by itself after so many ms */
  lastsMs: z.int().min(1).optional(),
  /** only for this mailbox; faults of Graph and of notifications */
  mailboxId: z.string().optional(),
  ms: z.int().min(0).optional(),
  status: z.int().min(300).max(599).optional(),
  retryAfterS: z.int().min(0).optional(),
  /** of what the fault counts */
  max: z.int().min(0).optional(),
  /** what the subject of a poison record or message contains; otherwise as `about` says */
  match: z.string().min(1).optional(),
});
export type FaultCommand = z.infer<typeof FaultCommand>;

export interface Strike {
  readonly ms: number;
  readonly status: number;
  readonly retryAfterS: number;
  readonly max: number;
  readonly match: string;
}

interface Active {
  readonly command: FaultCommand;
  readonly endsAt: number;
  struck: number;
}

/** The faults in force. Which occasion is struck depends on the seed only. */
export class FaultTable {
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #active = new Map<FaultName, Active>();
  /** by fault, since the beginning */
  readonly #struck = new Map<FaultName, number>();

  constructor(random: Random, clock: Clock = systemClock) {
    this.#random = random;
    this.#clock = clock;
  }

  set(command: FaultCommand): void {
    if (command.share === 0) this.#active.delete(command.name);
    else {
      const { lastsMs = Number.POSITIVE_INFINITY } = command;
      this.#active.set(command.name, { command, struck: 0, endsAt: this.#clock.now() + lastsMs });
    }
  }

  clear(name?: FaultName): void {
    if (name) this.#active.delete(name);
    else this.#active.clear();
  }

  isActive(name: FaultName): boolean {
    return this.#inForce(name) !== undefined;
  }

  /**
   * The settings of the fault when it is to happen now, else undefined.
   *
   * @param bites whether there is anything for it to bite on
   */
  strike(
    name: FaultName,
    mailboxId?: string,
    bites?: (settings: Strike) => boolean,
  ): Strike | undefined {
    const active = this.#inForce(name);
    if (!active) return undefined;
    const { command } = active;
    if (command.mailboxId !== undefined && command.mailboxId !== mailboxId) return undefined;
    const settings = settingsOf(command);
    if (bites && !bites(settings)) return undefined;
    if (command.share < 1 && !this.#random.chance(command.share)) return undefined;
    active.struck += 1;
    this.#struck.set(name, (this.#struck.get(name) ?? 0) + 1);
    if (command.times !== undefined && active.struck >= command.times) this.#active.delete(name);
    return settings;
  }

  #inForce(name: FaultName): Active | undefined {
    const active = this.#active.get(name);
    if (!active || this.#clock.now() < active.endsAt) return active;
    this.#active.delete(name);
    return undefined;
  }

  /** every fault there is, how often it ever struck, and its command where it is in force */
  list() {
    return (Object.keys(FAULTS) as FaultName[]).map((name) => ({
      name,
      ...(FAULTS[name] as Fault),
      struck: this.#struck.get(name) ?? 0,
      active: this.#inForce(name)?.command ?? null,
    }));
  }
}

function settingsOf(command: FaultCommand): Strike {
  const defaults: Fault['settings'] = FAULTS[command.name].settings;
  return {
    ms: command.ms ?? defaults.ms ?? 0,
    status: command.status ?? defaults.status ?? 503,
    retryAfterS: command.retryAfterS ?? defaults.retryAfterS ?? 1,
    max: command.max ?? defaults.max ?? 0,
    match: command.match ?? defaults.match ?? '',
  };
}

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
