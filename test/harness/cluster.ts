/** What a test of the kube tier sets up: a control plane of its own, pods that run as processes, orchestrators, and Sweeps. */
import { ControlPlane, type Orchestrator } from './control-plane.ts';
import { ClusterSweeps } from './cluster-sweeps.ts';
import { Hold } from './hold.ts';
import { PodRunner } from './pod-runner.ts';
import { stubCompute } from './stub-seeds.ts';

type Environment = Readonly<Record<string, string>>;

interface ClusterOptions {
  /** In addition to default. */
  readonly namespaces?: readonly string[];
  /** Environment of the pods; default: the stub computes. */
  readonly pods?: Environment;
  readonly nodes?: number;
  /** Whether Sweeps are served from the start. */
  readonly crd?: boolean;
}

/** Lines of an orchestrator's log that a failure shows. */
const shownLines = 25;

/** An orchestrator, and those that replace it. */
class Deployed implements Orchestrator {
  readonly healthPort: number;
  readonly #start: (port: Environment) => Promise<Orchestrator>;
  #latest: Orchestrator;
  #starting: Promise<void> = Promise.resolve();
  #logged = '';
  #isOver = false;

  private constructor(start: (port: Environment) => Promise<Orchestrator>, first: Orchestrator) {
    this.#start = start;
    this.#latest = first;
    this.healthPort = first.healthPort;
    this.#watch();
  }

  static async start(start: (port: Environment) => Promise<Orchestrator>): Promise<Deployed> {
    return new Deployed(start, await start({}));
  }

  get child(): Orchestrator['child'] {
    return this.#latest.child;
  }

  readonly output = (): string => this.#logged + this.#latest.output();

  readonly metrics = (): Promise<string> => this.#latest.metrics();

  readonly stop: Orchestrator['stop'] = async (signal) => {
    this.#isOver = true;
    await this.#starting;
    return this.#latest.stop(signal);
  };

  #watch(): void {
    this.child.once('close', () => {
      if (!this.#isOver && this.#latest.output().includes('"LeaseLost"')) this.#starting = this.#replace();
    });
  }

  async #replace(): Promise<void> {
    this.#logged = this.output();
    this.#latest = await this.#start({ NCSWEEP_HEALTH_PORT: String(this.healthPort) });
    this.#watch();
  }
}

export class Cluster {
  readonly plane: ControlPlane;
  readonly runner: PodRunner;
  readonly sweeps: ClusterSweeps;
  /** Of the install's store. */
  readonly location: string;
  /** For trainings of held seeds, see stub-seeds.ts. */
  readonly hold: Hold;
  readonly #install: string;
  readonly #orchestrators: Orchestrator[] = [];

  private constructor(install: string, plane: ControlPlane, location: string, pods: Environment) {
    this.plane = plane;
    this.location = location;
    this.hold = new Hold();
    this.#install = install;
    this.runner = new PodRunner(plane.api, { ...pods, ...this.hold.environment });
    this.sweeps = new ClusterSweeps(plane, () => this.log());
  }

  /** @param install also names the bucket */
  static async start(install: string, options: ClusterOptions = {}): Promise<Cluster> {
    const { namespaces = [], pods = stubCompute, nodes, crd = true } = options;
    const plane = await ControlPlane.start(nodes);
    const cluster = new Cluster(install, plane, await plane.s3.bucket(`${install}-bucket`), pods);
    try {
      if (crd) await plane.installCrd();
      for (const name of namespaces) await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name } });
      cluster.runner.start();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The one that was started last. */
  get orchestrator(): Orchestrator {
    const last = this.#orchestrators.at(-1);
    if (last === undefined) throw new Error('no orchestrator was started: call orchestrate first');
    return last;
  }

  /**
   * Starts an orchestrator of the install. As its Deployment would, it starts another one when that loses its Lease, which a busy API
   * server may cost it; one that ends in another way stays ended.
   * @param more of its environment @param template of its pods, as JSON
   */
  async orchestrate(more: Environment = {}, template?: string): Promise<Orchestrator> {
    const environment = { NCSWEEP_INSTALL: this.#install, NCSWEEP_STORE: this.location, ...more };
    const orchestrator = await Deployed.start((port) => this.plane.orchestrator({ ...environment, ...port }, template));
    this.#orchestrators.push(orchestrator);
    return orchestrator;
  }

  /** The last lines of the orchestrators, and how pods failed. */
  log(): string {
    const logs = this.#orchestrators.map(({ output }) => output().trimEnd().split('\n').slice(-shownLines).join('\n'));
    return [...logs, ...this.runner.troubles].join('\n');
  }

  async stop(): Promise<void> {
    for (const each of this.#orchestrators) await each.stop('SIGKILL');
    await this.runner.stop();
    await this.plane.stop();
    this.hold.remove();
  }
}
