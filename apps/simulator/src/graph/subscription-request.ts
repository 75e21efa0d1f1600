import { z } from 'zod';

import type { MailFolder } from '../mail/mail-folder.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { Tenant } from '../mail/tenant.ts';
import { badRequest, GraphRefusal, resourceNotFound } from './graph-error.ts';
import { type MessageFilter, parseFilter, parseTimestamp } from './message-filter.ts';
import { isMessageProperty } from './message-view.ts';
import { resourceSegments } from './resource-path.ts';
import { parseSelect } from './select.ts';

/** docs/graph-contract.md#subscription-lifetime: an Outlook message subscription without resource data. */
const LIFETIME_MINUTES_MAX = 10_080;
/** with resource data */
const RICH_LIFETIME_MINUTES_MAX = 1_440;
const LIFETIME_MINUTES_MIN = 45;
const MINUTE_MS = 60_000;

const Url = z
  .string()
  .refine(
    isAllowedUrl,
    'must be an https URL (http on this machine, or a host of its network without a dot)',
  );

export const CreateSubscription = z.object({
  changeType: z.string().regex(/^(created|updated|deleted)(,(created|updated|deleted))*$/),
  notificationUrl: Url,
  lifecycleNotificationUrl: Url.nullish(),
  resource: z.string().min(1),
  expirationDateTime: z.string(),
  clientState: z.string().max(128).nullish(),
  latestSupportedTlsVersion: z.enum(['v1_0', 'v1_1', 'v1_2', 'v1_3']).default('v1_2'),
  includeResourceData: z.boolean().nullish(),
  encryptionCertificate: z.string().nullish(),
  encryptionCertificateId: z.string().max(128).nullish(),
});

export const UpdateSubscription = z
  .strictObject({
    expirationDateTime: z.string(),
    notificationUrl: Url,
    encryptionCertificate: z.string(),
    encryptionCertificateId: z.string().max(128),
  })
  .partial()
  .refine(
    ({ expirationDateTime, notificationUrl }) => expirationDateTime ?? notificationUrl,
    'expirationDateTime or notificationUrl is needed',
  );

/** @throws {GraphRefusal} 400 naming the property */
export function parseBody<T>(schema: z.ZodType<T>, body: Buffer): T {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new GraphRefusal(
    badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, 'InvalidRequest'),
  );
}

/**
 * The expiry that is granted: below 45 minutes it is raised silently, above the cap it is refused.
 *
 * @throws {GraphRefusal} 400
 */
export function grantExpiry(text: string, now: number, { rich }: { rich: boolean }): number {
  const minutesMax = rich ? RICH_LIFETIME_MINUTES_MAX : LIFETIME_MINUTES_MAX;
  const wanted = parseTimestamp(text);
  if (wanted === undefined || wanted <= now) {
    throw new GraphRefusal(
      badRequest('Subscription expiration must be in the future.', 'InvalidRequest'),
    );
  }
  if (wanted > now + minutesMax * MINUTE_MS) {
    const message = `Subscription expiration can only be ${minutesMax} minutes in the future.`;
    throw new GraphRefusal(badRequest(message, 'InvalidRequest'));
  }
  return Math.max(wanted, now + LIFETIME_MINUTES_MIN * MINUTE_MS);
}

export interface SubscribedResource {
  readonly mailbox: Mailbox;
  readonly folder: MailFolder | undefined;
  readonly filter: MessageFilter | undefined;
  /** what is selected, for a subscription with resource data */
  readonly content: readonly string[] | undefined;
}

/**
 * What `resource` names: a mailbox's messages or one folder's, `$filter` allowed
 * (docs/graph-contract.md#subscription-limits).
 *
 * @throws {GraphRefusal} 400 for a form that is not supported, 404 for an unknown mailbox or folder
 */
export function parseResource(
  resource: string,
  tenant: Tenant,
  { rich }: { rich: boolean },
): SubscribedResource {
  const [path = '', queryText = ''] = resource.split('?', 2);
  const query = new URLSearchParams(queryText);
  const allowed = rich ? ['$filter', '$select'] : ['$filter'];
  const unsupported = [...query.keys()].find((name) => !allowed.includes(name));
  if (unsupported !== undefined) {
    throw new GraphRefusal(
      badRequest(`Query option ${unsupported} is not supported in resource.`, 'InvalidRequest'),
    );
  }
  const [users, user = '', kind, second = '', third] = resourceSegments(path);
  const whole = kind === 'messages' && second === '' && third === undefined;
  const oneFolder = kind === 'mailfolders' && third === 'messages';
  if (users !== 'users' || !(whole || oneFolder)) {
    throw new GraphRefusal(
      badRequest(`Resource '${resource}' is not supported.`, 'InvalidRequest'),
    );
  }
  const mailbox = tenant.mailbox(user);
  const folder = oneFolder ? mailbox?.folder(second) : undefined;
  if (!mailbox || (oneFolder && !folder)) throw new GraphRefusal(resourceNotFound());
  const filter = query.get('$filter');
  return {
    mailbox,
    folder,
    filter: filter === null ? undefined : parseFilter(filter),
    content: rich ? parseContent(query) : undefined,
  };
}

/** What is selected: required, and never the body (docs/graph-contract.md#subscription-limits). */
function parseContent(query: URLSearchParams): string[] {
  const content = parseSelect(query, 'microsoft.graph.message', isMessageProperty);
  if (!content) {
    throw new GraphRefusal(
      badRequest('$select is required when includeResourceData is true.', 'InvalidRequest'),
    );
  }
  const body = content.find((name) => ['body', 'uniqueBody'].includes(name));
  if (body !== undefined) {
    throw new GraphRefusal(badRequest(`${body} can not be selected.`, 'InvalidRequest'));
  }
  return content;
}

/** http is for trials, in which the webhook is a container beside this one; Graph itself refuses it. */
function isAllowedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const near = ['127.0.0.1', '[::1]'].includes(hostname) || !/[.:]/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && near);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new GraphRefusal(badRequest('Unable to read JSON request payload.'));
  }
}
