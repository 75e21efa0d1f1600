import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@ms1/runtime';

import type { FaultTable } from '../faults/fault-table.ts';
import { bearerOf } from '../http/bearer.ts';
import type { Call, Reply } from '../http/call.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { Tenant } from '../mail/tenant.ts';
import type { AccessTokens } from './access-token.ts';
import { runBatch } from './batch.ts';
import { DeltaFaults } from './delta-faults.ts';
import { ExpandFaults } from './expand-faults.ts';
import {
  accessDenied,
  badRequest,
  GraphRefusal,
  methodNotAllowed,
  resourceNotFound,
  unauthorized,
} from './graph-error.ts';
import { MailboxFaults } from './mailbox-faults.ts';
import { MailboxResources } from './mailbox-resources.ts';
import type { MessageView } from './message-view.ts';
import { resourceSegments } from './resource-path.ts';
import { stampReply } from './stamp-reply.ts';
import type { Subscriptions } from './subscriptions.ts';
import { kindOf, type Throttle } from './throttle.ts';

export interface GraphApiOptions {
  readonly tenant: Tenant;
  readonly tokens: AccessTokens;
  readonly subscriptions: Subscriptions;
  readonly throttle: Throttle;
  readonly faults: FaultTable;
  readonly clock: Clock;
  readonly view: MessageView;
  readonly latency: GraphLatency;
}

/** ms that an answer takes: what every one does, and what each message and each attachment in it adds */
interface GraphLatency {
  readonly fixedMs: number;
  readonly messageMs: number;
  readonly attachmentMs: number;
}

/** Microsoft Graph v1.0 as an app-only mail ingestor meets it: `/v1.0/*`. */
export class GraphApi {
  readonly #options: GraphApiOptions;
  readonly #resources: MailboxResources;
  readonly #mailboxFaults: MailboxFaults;
  /** HTTP requests; a `$batch` is one */
  httpRequests = 0;

  constructor(options: GraphApiOptions) {
    this.#options = options;
    this.#resources = new MailboxResources({
      view: options.view,
      deltaFaults: new DeltaFaults(options.faults, options.clock),
      expandFaults: new ExpandFaults(options.faults),
    });
    this.#mailboxFaults = new MailboxFaults(options.faults);
  }

  async handle(call: Call): Promise<Reply> {
    this.httpRequests += 1;
    const expired = this.#options.faults.strike('graph-401') !== undefined;
    const appId = expired ? undefined : this.#options.tokens.appOf(bearerOf(call));
    return stampReply(appId === undefined ? unauthorized() : await this.#route(call, appId), call);
  }

  async #route(call: Call, appId: string): Promise<Reply> {
    if (/^\/v1\.0\/\$batch$/i.test(call.path)) {
      if (call.method !== 'POST') return methodNotAllowed();
      return runBatch(call, async (item) => {
        const reply = await this.#answer(item, appId);
        return reply.status < 400 ? reply : stampReply(reply, item);
      });
    }
    return this.#answer(call, appId);
  }

  /** One request, from HTTP or from a batch. */
  async #answer(call: Call, appId: string): Promise<Reply> {
    try {
      const [, collection, id, ...rest] = resourceSegments(call.path);
      if (collection === 'subscriptions') {
        return await this.#options.subscriptions.handle(
          call,
          appId,
          id === undefined ? [] : [id, ...rest],
        );
      }
      if (collection !== 'users' || id === undefined) {
        return badRequest(`Resource not found for the segment '${collection ?? ''}'.`);
      }
      const mailbox = this.#mailbox(id);
      if (!mailbox) return resourceNotFound();
      if (!this.#mayRead(mailbox)) return accessDenied();
      return await this.#throttled(call, appId, mailbox, rest);
    } catch (error) {
      if (error instanceof GraphRefusal) return error.reply;
      if (error instanceof URIError) return badRequest('The URL is malformed.');
      throw error;
    }
  }

  #mailbox(idOrAddress: string): Mailbox | undefined {
    const { tenant } = this.#options;
    const { id, address } = tenant.outsider;
    const isOutsider = [id, address].includes(idOrAddress.toLowerCase());
    return isOutsider ? tenant.outsider : tenant.mailbox(idOrAddress);
  }

  /**
   * What RBAC for Applications lets the app reach: every mailbox but the outsider (docs/graph-contract.md#permissions).
   */
  #mayRead({ id }: Mailbox): boolean {
    const { faults, tenant } = this.#options;
    if (id === tenant.outsider.id) return faults.isActive('graph-tenant-wide');
    return !faults.strike('graph-403', id);
  }

  async #throttled(
    call: Call,
    appId: string,
    mailbox: Mailbox,
    segments: string[],
  ): Promise<Reply> {
    const { throttle, latency, faults } = this.#options;
    const kind = kindOf(segments);
    const entered = throttle.enter(appId, mailbox.id, kind);
    if ('refusal' in entered) return entered.refusal;
    try {
      const slowerMs = faults.strike('graph-latency', mailbox.id)?.ms ?? 0;
      await passed(latency.fixedMs + slowerMs);
      const failure = this.#mailboxFaults.strike(mailbox.id, kind);
      if (failure) return failure;
      const reply = this.#resources.answer(call, mailbox, segments);
      await passed(this.#workMs(mailbox.id, reply));
      return this.#mailboxFaults.onPage(mailbox.id, reply);
    } finally {
      // Before the answer is sent: a client that reacts at once must not find its own slot still taken.
      entered.leave();
    }
  }
  #workMs(mailboxId: string, { work }: Reply): number {
    if (!work) return 0;
    const { latency, faults } = this.#options;
    const slowerMs = faults.strike('graph-message-latency', mailboxId)?.ms ?? 0;
    return work.messages * (latency.messageMs + slowerMs) + work.attachments * latency.attachmentMs;
  }
}

async function passed(ms: number): Promise<void> {
  if (ms > 0) await delay(ms);
}
