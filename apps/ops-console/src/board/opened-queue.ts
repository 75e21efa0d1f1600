import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { PayloadSealer } from '@ms1/queue';

export type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];
type Job = Awaited<ReturnType<BullMQAdapter['getJobs']>>[number];

/** A queue as Bull Board sees it, to look at only: the data of its jobs opened where that can be, else why not. */
export class OpenedQueue extends BullMQAdapter {
  readonly #payloads: Pick<PayloadSealer, 'open'>;
  readonly #shard: string | undefined;

  constructor(queue: BoardQueue, payloads: Pick<PayloadSealer, 'open'>) {
    super(queue, { readOnlyMode: true });
    this.#payloads = payloads;
    // The board tells queues apart by their name alone.
    this.#shard = /:(\d+)\}$/.exec(queue.opts.prefix ?? '')?.[1];
  }

  override getName(): string {
    const name = super.getName();
    return this.#shard === undefined ? name : `${name}-${this.#shard}`;
  }

  override async getJob(id: string): Promise<Job | undefined> {
    const job = await super.getJob(id);
    return job && this.#opened(job);
  }

  override async getJobs(...which: Parameters<BullMQAdapter['getJobs']>): Promise<Job[]> {
    return (await super.getJobs(...which)).map((job) => this.#opened(job));
  }

  #opened(job: Job): Job {
    try {
      job.data = this.#payloads.open(job.id ?? '', job.data);
    } catch (error) {
      job.data = { sealed: (error as Error).message };
    }
    return job;
  }
}
