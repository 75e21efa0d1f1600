import { guidOf } from './guid.ts';
import { Mailbox } from './mailbox.ts';

/** The simulated organisation. Its ids depend on the seed only, so that stored state fits after a restart. */
export class Tenant {
  readonly id: string;
  readonly domain: string;
  /** in the organisation, and out of our app's reach: a grant that reaches it is too wide */
  readonly outsider: Mailbox;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #byAddress = new Map<string, Mailbox>();

  constructor({ seed, mailboxes }: { seed: number; mailboxes: number }) {
    this.id = guidOf('tenant', seed);
    this.domain = 'contoso-invoices.example';
    this.outsider = new Mailbox(guidOf('outsider', seed), `board@${this.domain}`);
    for (let n = 0; n < mailboxes; n += 1) {
      const address = `invoices-${String(n + 1).padStart(2, '0')}@${this.domain}`;
      this.#add(new Mailbox(guidOf('mailbox', seed, n), address));
    }
  }

  get mailboxes(): Mailbox[] {
    return [...this.#mailboxes.values()];
  }

  /** by object id or address, in any case */
  mailbox(idOrAddress: string): Mailbox | undefined {
    const key = idOrAddress.toLowerCase();
    return this.#mailboxes.get(key) ?? this.#byAddress.get(key);
  }

  /** The mailbox of a stored line. It may be of a run with more mailboxes: its messages still exist. */
  restore(id: string): Mailbox {
    const known = this.#mailboxes.get(id);
    if (known) return known;
    return this.#add(new Mailbox(id, `restored-${id.slice(0, 8)}@${this.domain}`));
  }

  #add(mailbox: Mailbox): Mailbox {
    this.#mailboxes.set(mailbox.id, mailbox);
    this.#byAddress.set(mailbox.address, mailbox);
    return mailbox;
  }
}
