/**
 * The orchestrator: waits until it is the leader, then runs the controller. It exits with 0 when it is told to stop, and with 1
 * when it loses the lease; its next start waits for leadership again.
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { outliveOutput } from '@ncsweep/protocol/lost-output';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import { Controller } from './cluster/controller.ts';
import { type Log, logLine } from './cluster/log.ts';
import { Metrics } from './cluster/metrics.ts';
import { rest, systemClock } from './cluster/passes/clock.ts';
import { Planner } from './cluster/planner/planner.ts';
import { readOrchestratorConfig, type OrchestratorConfig } from './config.ts';
import { watchApiCalls } from './kube/api-calls.ts';
import { KubeCluster } from './kube/kube-cluster.ts';
import { kubeConfig } from './kube/kube-config.ts';
import { leaseStore } from './kube/lease-store.ts';
import { Election } from './kube/lease.ts';
import { isAborted } from './kube/reflector.ts';
import { serveMetrics } from './metrics-endpoint.ts';
import { serveProbes } from './probes.ts';

/**
 * The controller lists the Sweeps every second without waiting for anything; a loop that has not done so for this long is
 * considered dead.
 */
const deadAfterMs = 120_000;

/** How long a pass waits for NATS; the next one tries again. */
const natsPatienceMs = 2_000;

// Sweeps continue even when nobody reads the log.
outliveOutput(process.stdout);

const log: Log = (event, facts) => void process.stdout.write(`${logLine(Date.now(), event, facts)}\n`);

async function connect({ nats, identity, install }: OrchestratorConfig) {
  const { servers, credentialsFile, authorityFile } = nats;
  const options = {
    servers,
    name: `ncsweep-orchestrator ${identity}`,
    inbox: streamNames(install).inbox('orchestrator'),
    ...(credentialsFile !== undefined && { credentials: await readFile(credentialsFile) }),
    ...(authorityFile !== undefined && { authority: await readFile(authorityFile, 'utf8') }),
  };
  return connectNats(options, natsPatienceMs);
}

/** Aborts when the process is told to stop. */
function stopRequest(): AbortController {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop;
}

const timing = {
  now: Date.now,
  random: Math.random,
  pause: (ms: number, signal: AbortSignal): Promise<void> => rest(systemClock, ms, signal),
  onError: (error: Error): void => log('ApiServerTrouble', { why: error.message }),
};

/** Serves probes and metrics. @returns beat, to be called whenever the controller's loop completes a round */
async function serveEndpoints({ health, metrics: address }: OrchestratorConfig, metrics: Metrics): Promise<() => void> {
  /** When the last round was completed; undefined while another replica leads. */
  let beatMs: number | undefined;
  serveProbes(health, () => {
    const nowMs = systemClock.now();
    return nowMs - (beatMs ?? nowMs) <= deadAfterMs;
  });
  await serveMetrics(address, metrics, (error) => log('MetricsCertificateKept', { why: error.message }));
  return () => (beatMs = systemClock.now());
}

type Kube = ReturnType<typeof kubeConfig>;

function clusterOf({ namespace, install, watchSilenceMs, limits }: OrchestratorConfig, kube: Kube): KubeCluster {
  return new KubeCluster(kube, namespace, install, { ...timing, watchSilenceMs, weights: limits.weights });
}

const electionFor = ({ ownNamespace, install, identity }: OrchestratorConfig, kube: Kube): Election =>
  new Election(leaseStore(kube, ownNamespace, `ncsweep-${install}`), { identity, ...timing });

/** The controller and what it holds open. */
function openController(config: OrchestratorConfig, cluster: KubeCluster, metrics: Metrics) {
  const { install, backend, mostCells, mostCellsOfAll, cacheFolder } = config;
  const { stores, podPolicy, template, reportTemplate, deletionLimitMs, limits, ackWaitMs } = config;
  const stream = new OrchestratorStream(() => connect(config), install, streamNames(install));
  const planner = new Planner({ rules: { backend, mostCells }, mostCellsOfAll, cacheFolder, clock: systemClock });
  const controller = new Controller({
    install,
    stores,
    podPolicy,
    template,
    reportTemplate,
    cluster,
    stream,
    metrics,
    deletionLimitMs,
    limits,
    ackWaitMs,
    log,
    now: Date.now,
    clock: systemClock,
    random: Math.random,
    openStore: (location, decorate, credentialsFolder) => openStore(location, 'write', decorate, credentialsFolder),
    planner,
  });
  return { controller, close: () => Promise.all([stream.close(), planner.stop()]) };
}

/** @returns the exit status */
async function main(): Promise<number> {
  const config = readOrchestratorConfig();
  const { identity } = config;
  const stop = stopRequest();
  const metrics = new Metrics();
  const beat = await serveEndpoints(config, metrics);

  const kube = kubeConfig();
  watchApiCalls(kube.getCurrentCluster()?.server ?? '', (call) => metrics.apiCall(call));
  const cluster = clusterOf(config, kube);
  const watching = cluster.run(stop.signal);

  const election = electionFor(config, kube);
  await election.win(stop.signal).catch(() => undefined);
  if (isAborted(stop.signal)) return 0;
  log('LeaderElected', { identity });
  metrics.leads();
  const term = new AbortController();
  const holding = election.hold(stop.signal).finally(() => term.abort());
  const { controller, close } = openController(config, cluster, metrics);
  await controller.run(term.signal, beat);
  const lost = !isAborted(stop.signal);
  stop.abort();
  await Promise.all([holding, watching, close()]);
  log(lost ? 'LeaseLost' : 'Stopped', { identity });
  return lost ? 1 : 0;
}

try {
  process.exit(await main());
} catch (error) {
  log('Crashed', { why: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
