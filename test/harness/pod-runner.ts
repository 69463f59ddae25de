/** The kubelet of simulated nodes: for every pod that is scheduled to one it runs the container's program, or its command of node, as a process of this machine. */
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnBound } from './bound-process.ts';
import type { KubeApi } from './kube-api.ts';
import { simulatedNamespace } from './simulated-nodes.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** What a container's image would start. */
const programs: Readonly<Record<string, string>> = { worker: path('../../worker/main.ts'), report: path('../../cli/main.ts') };

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      /** Runs instead of what the image would start. */
      readonly command?: readonly string[];
      readonly args?: readonly string[];
      readonly env?: readonly Variable[];
    }[];
  };
  readonly status: { readonly phase?: string };
}

const lookEveryMs = 200;
/** The API server leaves out the thousands of pods that run nothing. */
const scheduledElsewhere = encodeURIComponent(`metadata.namespace!=${simulatedNamespace},spec.nodeName!=`);
const shownTroubles = 8;
const mergePatch = 'application/merge-patch+json';

export class PodRunner {
  /** How many pods were started, by the Job's name. */
  readonly started = new Map<string, number>();
  /** How pods failed, with their last words; the latest ones. */
  readonly troubles: string[] = [];
  readonly #api: KubeApi;
  #environment: Readonly<Record<string, string>>;
  readonly #live = new Map<string, { readonly pod: Pod; readonly child: ChildProcess }>();
  #stopped = false;
  #busy: Promise<void> = Promise.resolve();

  /** @param environment of every process, in addition to the pod's own */
  constructor(api: KubeApi, environment: Readonly<Record<string, string>>) {
    this.#api = api;
    this.#environment = environment;
  }

  start(): void {
    this.#busy = this.#keepLooking();
  }

  /** Pods that start from now on have more in their environment, as from another image. */
  startWith(more: Readonly<Record<string, string>>): void {
    this.#environment = { ...this.#environment, ...more };
  }

  /** SIGKILL to every process. @returns how many there were */
  killAll(): number {
    for (const { child } of this.#live.values()) child.kill('SIGKILL');
    return this.#live.size;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#busy;
    this.killAll();
  }

  #complain(trouble: string): void {
    this.troubles.push(trouble);
    if (this.troubles.length > shownTroubles) this.troubles.shift();
  }

  async #keepLooking(): Promise<void> {
    while (!this.#stopped) {
      await this.#look().catch(() => undefined);
      await pause(lookEveryMs);
    }
  }

  async #look(): Promise<void> {
    const { status, body } = await this.#api.call('GET', `/api/v1/pods?fieldSelector=${scheduledElsewhere}`);
    if (status !== 200) return;
    const pods = (body['items'] as Pod[] | undefined) ?? [];
    for (const pod of pods) {
      const live = this.#live.get(pod.metadata.uid);
      if (pod.metadata.deletionTimestamp !== undefined) await this.#end(pod, live?.child);
      else if (live === undefined && pod.status.phase === 'Pending') await this.#run(pod);
    }
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const [uid, { child }] of this.#live) if (!uids.has(uid)) child.kill('SIGKILL');
  }

  async #run(pod: Pod): Promise<void> {
    const { metadata, spec } = pod;
    const [container] = spec.containers;
    const program = programs[container?.name ?? ''];
    if (container === undefined || program === undefined) return;
    const job = metadata.labels?.['batch.kubernetes.io/job-name'] ?? '';
    this.started.set(job, (this.started.get(job) ?? 0) + 1);
    const [, ...command] = container.command ?? [];
    const words = container.command === undefined ? [program, ...(container.args ?? [])] : command;
    const child = spawnBound(process.execPath, words, {
      env: { ...process.env, ...this.#environment, ...(await this.#given(pod, container.env)), TMPDIR: tmpdir() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said = `${said}${data.toString()}`.slice(-2000)));
    this.#live.set(metadata.uid, { pod, child });
    child.once('close', (code, signal) => {
      if (code !== 0) this.#complain(`pod ${metadata.name} ended with ${signal ?? code}: ${said.trimEnd()}`);
      void this.#ended(pod, container.name, code ?? 137, said).finally(() => this.#live.delete(metadata.uid));
    });
    const now = new Date().toISOString();
    await this.#status(pod, {
      phase: 'Running',
      startTime: now,
      podIP: '127.0.0.1',
      hostIP: '127.0.0.1',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [this.#container(container.name, true, { running: { startedAt: now } })],
    });
  }

  /** The environment that a pod gives to its container. */
  async #given(pod: Pod, variables: readonly Variable[] = []): Promise<Record<string, string>> {
    const given: Record<string, string> = {};
    for (const { name, value, valueFrom } of variables) {
      const { fieldRef, secretKeyRef } = valueFrom ?? {};
      const found = value ?? this.#field(pod, fieldRef?.fieldPath) ?? (secretKeyRef && (await this.#secret(pod, secretKeyRef)));
      if (found !== undefined) given[name] = found;
    }
    return given;
  }

  #field({ metadata, spec }: Pod, fieldPath: string | undefined): string | undefined {
    const fields = { 'metadata.name': metadata.name, 'metadata.uid': metadata.uid, 'spec.nodeName': spec.nodeName };
    return fields[fieldPath as keyof typeof fields];
  }

  async #secret({ metadata }: Pod, { name, key }: { readonly name: string; readonly key: string }): Promise<string> {
    const { body } = await this.#api.call('GET', `/api/v1/namespaces/${metadata.namespace}/secrets/${name}`);
    const data = (body['data'] ?? {}) as Readonly<Record<string, string>>;
    return Buffer.from(data[key] ?? '', 'base64').toString();
  }

  #container(name: string, ready: boolean, state: object): object {
    return { name, ready, state, restartCount: 0, image: name, imageID: name, started: ready };
  }

  async #ended(pod: Pod, container: string, exitCode: number, message: string): Promise<void> {
    const terminated = { exitCode, message, finishedAt: new Date().toISOString() };
    await this.#status(pod, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: [this.#container(container, false, { terminated })],
    });
  }

  /** As a kubelet: SIGTERM, the process's end in the status, then the pod is gone. */
  async #end(pod: Pod, child: ChildProcess | undefined): Promise<void> {
    if (child !== undefined) {
      child.kill('SIGTERM');
      return;
    }
    if (pod.status.phase === 'Running' || pod.status.phase === 'Pending') await this.#status(pod, { phase: 'Failed' });
    const { namespace, name } = pod.metadata;
    await this.#api.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
  }

  async #status({ metadata: { namespace, name } }: Pod, status: object): Promise<void> {
    const patch = () => this.#api.call('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status }, mergePatch);
    // As a kubelet does: an API server that is unreachable is told once it is back.
    while (!this.#stopped && (await patch().catch(() => undefined)) === undefined) await pause(lookEveryMs);
  }
}
