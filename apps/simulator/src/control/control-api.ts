import type { z } from 'zod';

import { FaultCommand, type FaultTable, isFaultName } from '../faults/fault-table.ts';
import type { GraphApi } from '../graph/graph-api.ts';
import type { Notifier } from '../graph/notifier.ts';
import type { Subscriptions } from '../graph/subscriptions.ts';
import type { Throttle } from '../graph/throttle.ts';
import { bearerOf, sameSecret } from '../http/bearer.ts';
import type { Call, Reply } from '../http/call.ts';
import { problem } from '../http/problem.ts';
import type { PostOffice } from '../mail/post-office.ts';
import type { Tenant } from '../mail/tenant.ts';
import type { Ms4Api } from '../ms4/ms4-api.ts';
import { InjectCommand, type Injector } from './injector.ts';
import { LifecycleCommand, letLifecycleHappen } from './lifecycle-command.ts';
import { MessageOperation, operateOnMailbox } from './message-operation.ts';

export interface ControlApiOptions {
  readonly token: string;
  readonly tenant: Tenant;
  readonly postOffice: PostOffice;
  readonly injector: Injector;
  readonly graph: GraphApi;
  readonly throttle: Throttle;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly ms4: Ms4Api;
  readonly faults: FaultTable;
}

/** `/control/*`: what the person or the test at the simulator does. No part of Graph or MS4. */
export class ControlApi {
  readonly #options: ControlApiOptions;

  constructor(options: ControlApiOptions) {
    this.#options = options;
  }

  handle(call: Call): Reply {
    if (!sameSecret(bearerOf(call), this.#options.token)) return problem(401, 'Unauthorized');
    const [, area, id, ...rest] = call.path.split('/').filter((segment) => segment !== '');
    switch (`${call.method} ${area}`) {
      case 'GET status':
        return { status: 200, body: this.#status() };
      case 'GET usage':
        return { status: 200, body: { mailboxes: this.#options.throttle.report() } };
      case 'DELETE usage':
        this.#options.throttle.forget();
        return { status: 204 };
      case 'GET inject':
        return { status: 200, body: this.#options.injector.progress };
      case 'POST inject':
        return withBody(call, InjectCommand, (command) => this.#inject(command));
      case 'POST mailboxes':
        return rest[0] === 'messages' ? this.#operate(call, id ?? '') : problem(404, 'Not found');
      case 'POST lifecycle':
        return withBody(call, LifecycleCommand, (command) =>
          letLifecycleHappen(command, {
            ...this.#options,
            tenantId: this.#options.tenant.id,
          }),
        );
      case 'GET arrivals':
        return { status: 200, body: { arrivals: this.#options.ms4.arrivals } };
      case 'GET faults':
        return { status: 200, body: { faults: this.#options.faults.list() } };
      case 'POST faults':
        return withBody(call, FaultCommand, (command) => this.#setFault(command));
      case 'DELETE faults':
        return this.#clearFaults(id);
      default:
        return problem(404, 'Not found');
    }
  }

  #inject(command: InjectCommand): Reply {
    const { injector, tenant } = this.#options;
    const available = tenant.mailboxes.length;
    if ((command.mailboxes ?? 1) > available) {
      return problem(400, `There are ${available} mailboxes: set SIMULATOR_MAILBOXES to have more`);
    }
    if (!injector.start(command)) return problem(409, 'Another plan is being injected');
    const { plan, planned, injected } = injector.progress;
    return { status: 202, body: { plan, planned, injected } };
  }

  #operate(call: Call, mailboxId: string): Reply {
    const { tenant, postOffice } = this.#options;
    const mailbox = tenant.mailbox(decodeURIComponent(mailboxId));
    if (!mailbox) return problem(404, 'No such mailbox');
    return withBody(call, MessageOperation, (operation) =>
      operateOnMailbox(mailbox, operation, postOffice),
    );
  }

  #setFault(command: FaultCommand): Reply {
    this.#options.faults.set(command);
    return { status: 200, body: { faults: this.#options.faults.list() } };
  }

  #clearFaults(name: string | undefined): Reply {
    if (name !== undefined && !isFaultName(name)) return problem(404, 'No such fault');
    this.#options.faults.clear(name);
    return { status: 204 };
  }

  #status(): object {
    const { tenant, postOffice, graph, throttle, subscriptions, notifier, ms4 } = this.#options;
    const { quotaUnits, throttled, inFlightMax } = throttle;
    return {
      tenantId: tenant.id,
      outsider: tenant.outsider.id,
      mailboxes: tenant.mailboxes.map(({ id, address }) => ({ id, address })),
      injected: postOffice.injected,
      stored: ms4.stored,
      graph: {
        httpRequests: graph.httpRequests,
        quotaUnits,
        throttled,
        inFlightMax,
        subscriptions: subscriptions.size,
        notificationPosts: notifier.posts,
        notificationRetries: notifier.retries,
        notificationsDropped: notifier.dropped,
        endpoints: notifier.endpoints,
      },
      ms4: ms4.counters,
    };
  }
}

function withBody<T>(call: Call, schema: z.ZodType<T>, then: (body: T) => Reply): Reply {
  let json: unknown;
  try {
    json = JSON.parse(call.body.toString('utf8'));
  } catch {
    return problem(400, 'The body is not JSON');
  }
  const result = schema.safeParse(json);
  if (result.success) return then(result.data);
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: `/${path.join('/')}`,
    detail: message,
  }));
  return problem(400, 'The body is not valid', { errors });
}
