/** How much etcd holds: live objects and their history, which is dropped only every five minutes. */

const metric = 'etcd_mvcc_db_total_size_in_use_in_bytes';

async function bytesInUse(etcd: string): Promise<number> {
  const text = await (await fetch(`${etcd}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${metric} `));
  if (line === undefined) throw new Error(`etcd's metrics have no ${metric}`);
  return Number(line.split(' ')[1]);
}

const sampleEveryMs = 250;

/** The most it grows while something is done. */
export class EtcdGrowth {
  readonly #etcd: string;
  readonly #beforeBytes: number;
  readonly #timer: NodeJS.Timeout;
  #peakBytes: number;

  private constructor(etcd: string, beforeBytes: number) {
    this.#etcd = etcd;
    this.#beforeBytes = beforeBytes;
    this.#peakBytes = beforeBytes;
    // A sample that is missed makes the peak no greater.
    this.#timer = setInterval(() => void this.#sample().catch(() => undefined), sampleEveryMs);
  }

  /** @param etcd where it answers */
  static async watch(etcd: string): Promise<EtcdGrowth> {
    return new EtcdGrowth(etcd, await bytesInUse(etcd));
  }

  /** @returns bytes, beyond what it held at first */
  async end(): Promise<number> {
    clearInterval(this.#timer);
    await this.#sample();
    return this.#peakBytes - this.#beforeBytes;
  }

  async #sample(): Promise<void> {
    this.#peakBytes = Math.max(this.#peakBytes, await bytesInUse(this.#etcd));
  }
}
