/** A planning thread: it handles one request after another, which keeps the orchestrator's event loop free. */
import { parentPort, workerData } from 'node:worker_threads';
import { newestVersions } from '@ncsweep/catalog/cell';
import { digestOf, sha256 } from '@ncsweep/protocol/canonical';
import { encodePlan, planDocumentVersion } from '../../planning/plan/plan-document.ts';
import { admit, count } from '../decide/admit.ts';
import { PlanCache } from './plan-cache.ts';
import type { PlanAnswer, PlanRequest, ThreadData, ThreadMessage } from './plan-request.ts';

const { cacheFolder } = workerData as ThreadData;
const cache = cacheFolder === undefined ? undefined : new PlanCache(cacheFolder);

/** Fields of a spec that its plan does not depend on. */
const besides = ['suspend', 'cancelled', 'ttlSecondsAfterFinished', 'deletionPolicy', 'storage'];

/**
 * Digests everything that a plan depends on. The program is not included: it changes only with the pod, and a new pod has a new
 * folder.
 */
function keyOf({ name, spec, data, rules }: PlanRequest): string {
  const asked = Object.fromEntries(Object.entries(spec).filter(([field]) => !besides.includes(field)));
  const known = {
    location: data.location,
    names: Object.fromEntries(data.names),
    digests: [...data.digests].sort(),
    archives: [...data.archives].map(([identity, bytes]) => [identity, sha256(bytes)]),
  };
  return digestOf({ name, spec: asked, data: known, rules, versions: newestVersions(), document: planDocumentVersion });
}

async function answerOf(request: PlanRequest): Promise<PlanAnswer> {
  const { name, spec, data, rules, countsOnly } = request;
  const resource = { metadata: { name }, spec };
  // A count takes seconds at most.
  if (countsOnly) return count(resource, data, rules);
  const key = cache === undefined ? '' : keyOf(request);
  const kept = await cache?.read(key);
  if (kept !== undefined) return { kind: 'planned', document: kept };
  const admission = admit(resource, data, rules);
  if (admission.kind === 'refused') return admission;
  const document = encodePlan(admission.plan);
  await cache?.write(key, document);
  return { kind: 'planned', document };
}

const failed = (error: unknown): PlanAnswer => ({
  kind: 'failed',
  message: error instanceof Error ? error.message : String(error),
});

function tell(message: ThreadMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

tell('ready');
parentPort?.on('message', (request: PlanRequest) => {
  void answerOf(request)
    .catch(failed)
    .then((answer) => tell({ id: request.id, answer }, answer.kind === 'planned' ? [answer.document.buffer as ArrayBuffer] : []));
});
