import { type Clock, systemClock } from '@ms1/runtime';
import { Agent } from 'undici';

import { ControlApi } from './control/control-api.ts';
import { controlPage } from './control/control-page.ts';
import { Injector } from './control/injector.ts';
import { FaultTable } from './faults/fault-table.ts';
import { shiftDate } from './faults/shift-date.ts';
import { MessageCache } from './generator/message-cache.ts';
import { Random } from './generator/random.ts';
import { AccessTokens } from './graph/access-token.ts';
import { GraphApi } from './graph/graph-api.ts';
import { validateEndpoint } from './graph/handshake.ts';
import { MessageView } from './graph/message-view.ts';
import { Notifier } from './graph/notifier.ts';
import { ChangeTracking } from './graph/rich/change-tracking.ts';
import { SubscriptionAnnouncer } from './graph/subscription-announcer.ts';
import { Subscriptions } from './graph/subscriptions.ts';
import { Throttle } from './graph/throttle.ts';
import type { Call, Reply } from './http/call.ts';
import { problem } from './http/problem.ts';
import { PostOffice } from './mail/post-office.ts';
import { Tenant } from './mail/tenant.ts';
import { Ms4Api } from './ms4/ms4-api.ts';

export interface SimulatorOptions {
  readonly token: string;
  readonly seed?: number;
  readonly mailboxes?: number;
  /** undefined: everything stays in memory */
  readonly dataDir?: string | undefined;
  readonly graphLatencyMs?: number;
  /** for each message of an answer, and each attachment */
  readonly graphMessageMs?: number;
  readonly graphAttachmentMs?: number;
  readonly ms4LatencyMs?: number;
  readonly ms4BodyBytesMax?: number;
  readonly recordRequests?: boolean;
  readonly clock?: Clock;
  /** shorter in tests; Graph's own otherwise */
  readonly timeouts?: {
    readonly handshakeMs?: number;
    readonly firstNotificationMs?: number;
    readonly retryNotificationMs?: number;
    readonly endpointWindowMs?: number;
    readonly notificationBackoffMs?: number;
  };
  /** told of what fails in the background */
  readonly onError?: (error: unknown) => void;
  /** smaller in tests: requests in 10 minutes per app and mailbox */
  readonly windowRequests?: number | undefined;
  /** ms of those 10 minutes */
  readonly windowMs?: number | undefined;
}

/** Microsoft Graph, MS4 and the control API behind one function, with the state they share. */
export class Simulator {
  readonly tenant: Tenant;
  readonly #clock: Clock;
  readonly #faults: FaultTable;
  readonly #tokens: AccessTokens;
  readonly #graph: GraphApi;
  readonly #ms4: Ms4Api;
  readonly #control: ControlApi;
  readonly #injector: Injector;
  readonly #postOffice: PostOffice;
  readonly #notifier: Notifier;
  readonly #changeTracking: ChangeTracking;
  readonly #dispatcher = new Agent({ keepAliveTimeout: 30_000, connections: 8 });

  constructor(options: SimulatorOptions) {
    const { token, dataDir, seed = 1, clock = systemClock, timeouts = {} } = options;
    const dispatcher = this.#dispatcher;
    const faults = new FaultTable(new Random(seed), clock);
    this.#faults = faults;
    this.#clock = clock;
    const cache = new MessageCache();
    const view = new MessageView(cache);
    const tenant = new Tenant({ seed, mailboxes: options.mailboxes ?? 20 });
    const { windowRequests, windowMs } = options;
    const throttle = new Throttle({
      clock,
      ...(windowRequests === undefined ? {} : { windowRequests }),
      ...(windowMs === undefined ? {} : { windowMs }),
    });
    const subscriptions = new Subscriptions({
      tenant,
      clock,
      faults,
      validate: (url) => validateEndpoint(url, { dispatcher, timeoutMs: timeouts.handshakeMs }),
    });
    this.tenant = tenant;
    this.#tokens = new AccessTokens({ secret: token, tenantId: tenant.id, clock, faults });
    this.#changeTracking = new ChangeTracking({ tenantId: tenant.id, clock });
    this.#notifier = new Notifier({
      dispatcher,
      clock,
      firstTimeoutMs: timeouts.firstNotificationMs,
      retryTimeoutMs: timeouts.retryNotificationMs,
      backoffMs: timeouts.notificationBackoffMs,
      endpointWindowMs: timeouts.endpointWindowMs,
      tokenFor: (sender) => {
        const forged = faults.strike('notification-token') !== undefined;
        return this.#changeTracking.token({ ...sender, forged });
      },
    });
    const announcer = new SubscriptionAnnouncer({
      subscriptions,
      notifier: this.#notifier,
      faults,
      view,
      tenantId: tenant.id,
      random: new Random(seed + 1),
    });
    // Before the ledger is read, which may restore mailboxes of an earlier and larger run.
    const mailboxes = tenant.mailboxes;
    this.#postOffice = new PostOffice({ dataDir, tenant, cache, clock, announcer });
    const onError = options.onError ?? (() => undefined);
    this.#injector = new Injector({
      postOffice: this.#postOffice,
      mailboxes,
      seed,
      clock,
      onError,
    });
    this.#graph = new GraphApi({
      clock,
      tenant,
      tokens: this.#tokens,
      subscriptions,
      throttle,
      faults,
      view,
      latency: {
        fixedMs: options.graphLatencyMs ?? 0,
        messageMs: options.graphMessageMs ?? 0,
        attachmentMs: options.graphAttachmentMs ?? 0,
      },
    });
    this.#ms4 = new Ms4Api({
      token,
      dataDir,
      clock,
      faults,
      latencyMs: options.ms4LatencyMs ?? 0,
      bodyBytesMax: options.ms4BodyBytesMax ?? 4_000_000,
      recordRequests: options.recordRequests ?? false,
    });
    this.#control = new ControlApi({
      token,
      tenant,
      postOffice: this.#postOffice,
      injector: this.#injector,
      graph: this.#graph,
      throttle,
      subscriptions,
      notifier: this.#notifier,
      ms4: this.#ms4,
      faults,
    });
  }

  handle(call: Call): Reply | Promise<Reply> {
    const { path } = call;
    if (path.startsWith('/v1.0/')) return this.#dated('graph-date', this.#graph.handle(call));
    if (path.startsWith('/v1/') || path === '/health') {
      return this.#dated('ms4-date', this.#ms4.handle(call));
    }
    if (path.startsWith('/control/')) return this.#control.handle(call);
    if (path === '/' && call.method === 'GET') return controlPage;
    const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path)?.[1];
    if (tenant !== undefined && call.method === 'POST') return this.#tokens.issue(call, tenant);
    return this.#changeTracking.answer(call) ?? problem(404, 'Not found');
  }

  async #dated(fault: 'graph-date' | 'ms4-date', reply: Promise<Reply>): Promise<Reply> {
    return shiftDate(this.#faults, fault, await reply, this.#clock.now());
  }

  /** Stops injecting and notifying, then closes the ledgers. Call it when no request is in hand. */
  async close(): Promise<void> {
    await this.#injector.stop();
    this.#notifier.close();
    await this.#dispatcher.destroy();
    this.#postOffice.close();
    this.#ms4.close();
  }
}
