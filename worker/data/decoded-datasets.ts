/** The decoded datasets of a worker: made once each, in a thread, and kept in its cache under the digest of what they are made from. */
import { Worker } from 'node:worker_threads';
import { datasetOf, isMade, type DatasetParams } from '@ncsweep/catalog/datasets';
import { scienceVersions } from '@ncsweep/catalog/science-versions';
import { digestOf } from '@ncsweep/protocol/canonical';
import type { DiskCache } from '../disk-cache.ts';
import { TaskFailure } from '../task-io.ts';
import type { Decoded, DecodeRequest } from './decode-dataset.ts';
import type { DecodeAnswer } from './decode-thread.ts';

export interface DecodedRequest {
  readonly params: DatasetParams;
  /** Of the lineage. */
  readonly seed: number;
  /** Folder of a dataset in files. */
  readonly source: () => Promise<string>;
  /** For failures. */
  readonly cellId: string;
  readonly signal: AbortSignal;
}

/** Rises when equal parameters yield other arrays or other files. */
const layout = 1;

export function dataKey(params: DatasetParams, seed: number): string {
  const { data } = scienceVersions;
  const { science } = datasetOf(params);
  return digestOf({ layout, params, versions: { data, dataset: science }, ...(isMade(params) ? { seed } : {}) });
}

export class DecodedDatasets {
  readonly #cache: DiskCache;
  /** What the arrays are, by key; the cache holds the files. */
  readonly #known = new Map<string, Decoded>();
  #thread: Worker | undefined;

  constructor(cache: DiskCache) {
    this.#cache = cache;
  }

  /** @returns arrays that stay until the cache is released @throws TaskFailure */
  async get(request: DecodedRequest): Promise<Decoded> {
    const { params, seed, source, cellId } = request;
    const key = dataKey(params, seed);
    const made = await this.#cache.useMade(key, async (folder) => {
      const found = isMade(params) ? undefined : await source();
      const decoded = await this.#decode({ params, seed, source: found, folder, key }, request);
      this.#known.set(key, decoded);
      if (!isMade(params)) this.#cache.idle(params.digest);
      return decoded.sizeBytes;
    });
    if (made !== undefined) return this.#known.get(key)!;
    const { sizeBytes } = this.#known.get(key)!;
    throw new TaskFailure(
      'userError',
      cellId,
      `the decoded images of ${params.name} take ${sizeBytes} bytes, and a worker keeps ${this.#cache.limitBytes}. ` +
        'Remedy: raise worker.scratch of the chart (twice of it)',
    );
  }

  /** Arrays may go from now on. */
  release(): void {
    this.#cache.release();
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  async #decode(request: DecodeRequest, { cellId, signal }: DecodedRequest): Promise<Decoded> {
    const thread = (this.#thread ??= this.#start());
    const answer = await new Promise<DecodeAnswer>((resolve, reject) => {
      const end = (use: () => void): void => {
        signal.removeEventListener('abort', stop);
        // Not all listeners: a Worker has some of its own.
        thread.off('message', receive).off('error', fail).off('exit', exited);
        use();
      };
      const stop = (): void => {
        this.#thread = undefined;
        end(() => reject(new TaskFailure('disruption', cellId, 'stopped while its dataset was decoded')));
        void thread.terminate();
      };
      const receive = (message: DecodeAnswer): void => end(() => resolve(message));
      const fail = (error: unknown): void => {
        this.#thread = undefined;
        end(() => reject(error instanceof Error ? error : new Error(String(error))));
      };
      const exited = (code: number): void => fail(new Error(`the thread that decodes datasets ended with code ${code}`));
      thread.on('message', receive).on('error', fail).on('exit', exited);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      else thread.postMessage(request);
    });
    if ('decoded' in answer) return answer.decoded;
    const { isData, message } = answer.trouble;
    if (isData) throw new TaskFailure('badData', cellId, message);
    throw new Error(message);
  }

  #start(): Worker {
    const thread = new Worker(new URL(import.meta.resolve('@ncsweep/worker/data/decode-thread')));
    thread.unref();
    return thread;
  }
}
