/** What a cluster test starts: Kubernetes with simulated nodes, our custom resource, NATS, S3, and orchestrators as processes. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sweepCrd } from '@ncsweep/catalog/language/crd';
import type { Audited } from './audit.ts';
import { spawnBound } from './bound-process.ts';
import { startKubeApi, type KubeApi } from './kube-api.ts';
import { startControllers } from './kube-controllers.ts';
import { startNats, type NatsServer } from './nats-server.ts';
import { startS3, type S3Server } from './s3-server.ts';
import { freePort } from './server-process.ts';
import { startSimulatedNodes } from './simulated-nodes.ts';

const main = fileURLToPath(new URL('../../orchestrator/main.ts', import.meta.url));

const serveLimitMs = 60_000;

export const sweepsOf = (namespace: string): string => `/apis/ncsweep.dev/v1alpha1/namespaces/${namespace}/sweeps`;

export interface Orchestrator {
  readonly child: ChildProcess;
  readonly healthPort: number;
  /** Its metrics, without a token. */
  readonly metrics: () => Promise<string>;
  /** What it logged. */
  readonly output: () => string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

interface Part {
  stop(): Promise<void>;
}

export class ControlPlane {
  readonly api: KubeApi;
  readonly nats: NatsServer;
  readonly s3: S3Server;
  readonly #folder: string;
  /** Ended before the API server, in this order. */
  readonly #parts: readonly Part[];

  private constructor(api: KubeApi, servers: { nats: NatsServer; s3: S3Server }, folder: string, parts: readonly Part[]) {
    this.api = api;
    this.nats = servers.nats;
    this.s3 = servers.s3;
    this.#folder = folder;
    this.#parts = parts;
  }

  /** @param nodes simulated ones, of eight GPUs @param audited whose requests the audit log has */
  static async start(nodes = 2, audited?: Audited): Promise<ControlPlane> {
    const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-plane-'));
    const [api, nats, s3] = await Promise.all([startKubeApi(audited), startNats(), startS3()]);
    const parts = [await startSimulatedNodes(api, { count: nodes, gpus: 8, pods: 250 }), await startControllers(api)];
    return new ControlPlane(api, { nats, s3 }, folder, parts);
  }

  async installCrd(): Promise<void> {
    await this.api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', sweepCrd());
    await this.servesSweeps();
  }

  async servesSweeps(): Promise<void> {
    const until = Date.now() + serveLimitMs;
    for (;;) {
      const { status } = await this.api.call('GET', sweepsOf('default'));
      if (status === 200) return;
      if (Date.now() > until) throw new Error(`Sweeps are not served: the API server answers ${status}`);
      await pause(100);
    }
  }

  /** @param template JSON of NCSWEEP_POD_TEMPLATE; default: a small one */
  async orchestrator(environment: Readonly<Record<string, string>>, template?: string): Promise<Orchestrator> {
    const [healthPort, metricsPort] = [await freePort(), await freePort()];
    const templateFile = path.join(this.#folder, `template-${healthPort}.json`);
    await writeFile(templateFile, template ?? this.template(this.nats.url));
    let output = '';
    const child = spawnBound(process.execPath, [main], {
      env: {
        ...process.env,
        KUBECONFIG: this.api.kubeconfig,
        NCSWEEP_NATS: this.nats.url,
        // Shorter than an install's, for tests that kill workers; longer than a busy machine lets a process stand still.
        NCSWEEP_ACK_WAIT_MS: '15000',
        NCSWEEP_POD_TEMPLATE: templateFile,
        NCSWEEP_HEALTH_PORT: String(healthPort),
        NCSWEEP_METRICS_PORT: String(metricsPort),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
    const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit') as Promise<[number | null]>;
      child.kill(signal);
      return (await ended)[0];
    };
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return { child, healthPort, metrics, output: () => output, stop };
  }

  async stop(): Promise<void> {
    for (const part of this.#parts) await part.stop();
    await Promise.all([this.api.stop(), this.nats.stop(), this.s3.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A small one, for pods that use this NATS. */
  template(natsUrl: string): string {
    const resources = { cpu: '1', memory: '1Gi' };
    const environment = [{ name: 'NCSWEEP_NATS', value: natsUrl }];
    const report = { image: 'cli:test', resources };
    return JSON.stringify({ image: 'worker:test', resources: { train: resources, evaluate: resources }, environment, report });
  }
}
