/**
 * A whole cluster on loopback: control plane, a real node, NATS, S3, and the chart installed by helm with the images of this checkout.
 * Tests use it, and `make cluster`. Pods share the host's loopback, so that nothing leaves this machine.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { imageFolder } from './cache-folder.ts';
import { startKubeApi, type KubeApi } from './kube-api.ts';
import { startControllers } from './kube-controllers.ts';
import { startNats, type NatsServer } from './nats-server.ts';
import { startRealNode, type RealNode } from './real-node.ts';
import { startS3, type S3Server } from './s3-server.ts';
import { freePort, serverProgram } from './server-process.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where the chart is installed. */
export const systemNamespace = 'ncsweep';
const installed = ['orchestrator', 'worker', 'cli', 'nats', 'versitygw'] as const;

interface Part {
  stop(): Promise<void>;
}

export class RealCluster {
  readonly api: KubeApi;
  readonly nats: NatsServer;
  readonly s3: S3Server;
  /** Location of the install's store. */
  readonly storeLocation: string;
  readonly node: RealNode;
  /** Ended in this order. */
  readonly #parts: readonly Part[];

  private constructor(
    { api, nats, s3, node }: { api: KubeApi; nats: NatsServer; s3: S3Server; node: RealNode },
    storeLocation: string,
    parts: readonly Part[],
  ) {
    this.api = api;
    this.nats = nats;
    this.s3 = s3;
    this.node = node;
    this.storeLocation = storeLocation;
    this.#parts = parts;
  }

  /** @param say called with each step @param workers images of workers of other backends, such as worker-torch */
  static async start(say: (step: string) => void = () => undefined, workers: readonly string[] = []): Promise<RealCluster> {
    const [api, nats, s3] = await Promise.all([startKubeApi(), startNats(), startS3()]);
    const parts: Part[] = [nats, s3, api];
    try {
      parts.unshift(await startControllers(api));
      const node = await startRealNode(api);
      parts.unshift(node);
      say('a node is ready');
      for (const name of [...installed, ...workers]) await node.importImage(path.join(imageFolder, `${name}.tar`));
      say('images are in');
      const cluster = new RealCluster({ api, nats, s3, node }, await s3.bucket('ncsweep'), parts);
      await cluster.install();
      say('the chart is installed');
      return cluster;
    } catch (error) {
      for (const part of parts) await part.stop();
      throw error;
    }
  }

  async kubectl(...args: string[]): Promise<string> {
    return (await run(serverProgram('kube/kubectl'), ['--kubeconfig', this.api.kubeconfig, ...args])).stdout;
  }

  /** The Secret that pods read, in a namespace of Sweeps. */
  async addNamespace(namespace: string): Promise<void> {
    await this.api.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const secret = { metadata: { name: 's3' }, stringData: this.s3.environment };
    await this.api.call('POST', `/api/v1/namespaces/${namespace}/secrets`, secret);
  }

  async helm(...args: string[]): Promise<string> {
    const place = ['--kubeconfig', this.api.kubeconfig, '--namespace', systemNamespace];
    return (await run(serverProgram('helm'), [...args, ...place])).stdout;
  }

  /** Installs or upgrades the chart. @param more values, as KEY=VALUE */
  async install(...more: string[]): Promise<void> {
    for (const namespace of [systemNamespace, 'default']) await this.addNamespace(namespace);
    // The API server's Service has no endpoint here.
    const apiServer = [
      { name: 'KUBERNETES_SERVICE_HOST', value: '127.0.0.1' },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(this.api.process.port) },
    ];
    const small = { cpu: '200m', memory: '1Gi' };
    const values = {
      hostNetwork: true,
      metrics: { port: await freePort() },
      orchestrator: { replicas: 1, healthPort: await freePort(), environment: apiServer, imagePullPolicy: 'Never' },
      worker: {
        backend: 'wasm',
        imagePullPolicy: 'Never',
        scratch: '2Gi',
        resources: { train: small, evaluate: small },
        gpu: { resource: '' },
      },
      report: { imagePullPolicy: 'Never', resources: small },
      store: { location: this.storeLocation, secretName: 's3' },
      nats: { servers: this.nats.url },
    };
    const set = Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
    const chart = path.join(root, 'charts/ncsweep');
    const others = more.flatMap((value) => ['--set', value]);
    await this.helm('upgrade', '--install', 'ncsweep', chart, ...set, ...others, '--wait', '--timeout', '2m');
  }

  async stop(): Promise<void> {
    for (const part of this.#parts) await part.stop();
  }
}
