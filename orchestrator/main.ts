/**
 * The orchestrator: waits until it is the leader, then lets the controller pass again and again. It ends with 0 when it is told to, and
 * with 1 when it loses the lease: the next start waits for its turn again.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import process from 'node:process';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import { Controller } from './cluster/controller.ts';
import { Metrics } from './cluster/metrics.ts';
import { readOrchestratorConfig, type OrchestratorConfig } from './config.ts';
import { watchApiCalls } from './kube/api-calls.ts';
import { KubeCluster } from './kube/kube-cluster.ts';
import { kubeConfig } from './kube/kube-config.ts';
import { leaseStore } from './kube/lease-store.ts';
import { Election } from './kube/lease.ts';
import { isAborted } from './kube/reflector.ts';
import { Pace, pause } from './pace.ts';

/** A loop that has not come round for so long hangs. */
const hangsAfterMs = 120_000;

/** A pass waits so long for NATS; the next one tries again. */
const natsPatienceMs = 2_000;

type Level = 'info' | 'warn' | 'error';

/** One JSON object a line. */
function log(level: Level, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
}

/** @param loopMs when the controller's loop last came round; undefined while another replica leads */
function serve({ host, port }: OrchestratorConfig['health'], metrics: Metrics, loopMs: () => number | undefined): void {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      void metrics.text().then((text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text));
      return;
    }
    const hangs = Date.now() - (loopMs() ?? Date.now()) > hangsAfterMs;
    const known = request.url === '/readyz' || request.url === '/healthz';
    response.writeHead(!known ? 404 : hangs ? 503 : 200).end();
  });
  server.listen({ port, ...(host === undefined ? {} : { host }) });
  server.unref();
}

async function connect({ nats, identity, install }: OrchestratorConfig) {
  const { servers, credentialsFile, authorityFile } = nats;
  const options = {
    ...{ servers, name: `ncsweep-orchestrator ${identity}`, inbox: streamNames(install).inbox('orchestrator') },
    ...(credentialsFile !== undefined && { credentials: await readFile(credentialsFile) }),
    ...(authorityFile !== undefined && { authority: await readFile(authorityFile, 'utf8') }),
  };
  return connectNats(options, natsPatienceMs);
}

async function main(): Promise<number> {
  const config = readOrchestratorConfig();
  const { install, identity, backend, storeLocation, template, reportTemplate, ackWaitMs, deletionLimitMs, limits } = config;
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  let loopMs: number | undefined;
  const metrics = new Metrics();
  serve(config.health, metrics, () => loopMs);

  const kube = kubeConfig();
  watchApiCalls(kube.getCurrentCluster()?.server ?? '', (call) => metrics.apiCall(call));
  const onError = (error: Error): void => log('warn', error.message);
  const timing = { now: Date.now, random: Math.random, pause, onError };
  const cluster = new KubeCluster(kube, config.namespace, install, {
    ...timing,
    watchSilenceMs: config.watchSilenceMs,
    onChange: () => undefined,
  });
  const watching = cluster.run(stop.signal);

  const election = new Election(leaseStore(kube, config.ownNamespace, `ncsweep-${install}`), { identity, ...timing });
  await election.win(stop.signal).catch(() => undefined);
  if (isAborted(stop.signal)) return 0;
  log('info', 'leads', { identity });
  metrics.leads();
  const term = new AbortController();
  const holding = election.hold(stop.signal).finally(() => term.abort());

  const pace = new Pace();
  const stream = new OrchestratorStream(() => connect(config), install, streamNames(install));
  const controller = new Controller({
    ...{ install, backend, storeLocation, template, reportTemplate, cluster, now: Date.now, log },
    ...(ackWaitMs === undefined ? {} : { ackWaitMs }),
    openStore: (location) => openStore(location, 'write'),
    ...{ stream, metrics, deletionLimitMs, limits },
    onNews: () => pace.news(),
  });
  while (!isAborted(term.signal)) {
    const beganMs = performance.now();
    const done = metrics.pass();
    pace.begin();
    if (cluster.synced) await controller.pass(term.signal);
    done();
    loopMs = Date.now();
    await pace.rest(performance.now() - beganMs, term.signal);
  }
  const lost = !isAborted(stop.signal);
  stop.abort();
  await Promise.all([holding, watching, stream.close()]);
  log(lost ? 'error' : 'info', lost ? 'lost the lease' : 'ends', { identity });
  return lost ? 1 : 0;
}

try {
  process.exit(await main());
} catch (error) {
  log('error', error instanceof Error ? error.message : String(error));
  process.exit(1);
}
