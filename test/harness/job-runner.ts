/** Runs the Jobs of an API server that has neither controllers nor nodes: a worker process an index, with the pod's environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { KubeApi } from './kube-api.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

interface Job {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: {
    readonly completions: number;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly { name: string; value?: string }[] }[] };
    };
  };
}

export class JobRunner {
  /** Every pod that was started, by Job. */
  readonly started = new Map<string, number>();
  /** Exit codes and signals. */
  readonly ends: (number | string)[] = [];
  readonly #api: KubeApi;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #live = new Map<string, { readonly job: Job; readonly child: ChildProcess }>();
  readonly #succeeded = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> = Promise.resolve();

  constructor(api: KubeApi, environment: Readonly<Record<string, string>>) {
    this.#api = api;
    this.#environment = environment;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#busy = this.#busy.then(() => this.#look()).catch(() => undefined);
    }, 300);
  }

  /** SIGKILL to the oldest pod. */
  kill(): void {
    [...this.#live.values()][0]?.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
    for (const { child } of this.#live.values()) child.kill('SIGKILL');
  }

  async #look(): Promise<void> {
    const { body } = await this.#api.call('GET', '/apis/batch/v1/jobs');
    const jobs = (body['items'] as Job[] | undefined) ?? [];
    const names = new Set(jobs.map(({ metadata }) => metadata.uid));
    for (const { job, child } of this.#live.values()) if (!names.has(job.metadata.uid)) child.kill('SIGTERM');
    for (const job of jobs)
      for (let index = 0; index < job.spec.completions; index++) if (!this.#started(job).has(index)) this.#run(job, index);
  }

  readonly #indexes = new Map<string, Set<number>>();
  #started({ metadata }: Job): Set<number> {
    const known = this.#indexes.get(metadata.uid) ?? new Set<number>();
    this.#indexes.set(metadata.uid, known);
    return known;
  }

  #run(job: Job, index: number): void {
    this.#started(job).add(index);
    const { name } = job.metadata;
    this.started.set(name, (this.started.get(name) ?? 0) + 1);
    const pod = `${name}-${index}-${this.started.get(name)}`;
    const given = job.spec.template.spec.containers[0]?.env.flatMap(({ name: key, value }) =>
      value === undefined ? [] : [[key, value] as const],
    );
    const child = spawn(process.execPath, [path('../../worker/main.ts')], {
      env: { ...process.env, ...this.#environment, ...Object.fromEntries(given ?? []), NCSWEEP_WORKER: pod, TMPDIR: '/tmp' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#live.set(pod, { job, child });
    child.once('exit', (code, signal) => {
      this.#live.delete(pod);
      this.ends.push(signal ?? code ?? 'unknown');
      if (code === 0) void this.#succeed(job);
      else this.#started(job).delete(index); // another pod for the same index
    });
  }

  async #succeed({ metadata, spec }: Job): Promise<void> {
    const { name, namespace, uid } = metadata;
    const succeeded = (this.#succeeded.get(uid) ?? 0) + 1;
    this.#succeeded.set(uid, succeeded);
    await this.#api.call(
      'PATCH',
      `/apis/batch/v1/namespaces/${namespace}/jobs/${name}/status`,
      { status: { succeeded, active: spec.completions - succeeded } },
      'application/merge-patch+json',
    );
  }
}
