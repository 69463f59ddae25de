/** A grid as Jobs of its own: what is written by hand without a sweep's program. A trial is a pod that succeeds at once. */
import type { ControlPlane } from '../../test/harness/control-plane.ts';
import type { KubeAnswer } from '../../test/harness/kube-api.ts';
import { simulatedNamespace, succeedsLabel } from '../../test/harness/simulated-nodes.ts';
import { type Mark, until } from './contender.ts';

const jobs = `/apis/batch/v1/namespaces/${simulatedNamespace}/jobs`;
/** Requests of the client at a time. */
const atOnce = 20;

const template = (trial: string): object => ({
  metadata: { labels: succeedsLabel },
  spec: {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'trial',
        image: 'trial:test',
        args: ['--trial', trial],
        env: [{ name: 'STORE', value: 's3://bucket/prefix' }],
        resources: { requests: { cpu: '100m', memory: '100Mi' } },
      },
    ],
  },
});

function accepted({ status, body }: KubeAnswer): void {
  if (status >= 300) throw new Error(`the API server refused: ${status} ${body.message ?? ''}`);
}

const itemsOf = ({ body }: KubeAnswer): readonly unknown[] => body['items'] as unknown[];

/** One delete for all: the garbage collector does the rest. */
async function removeAll({ api }: ControlPlane): Promise<void> {
  accepted(await api.call('DELETE', `${jobs}?propagationPolicy=Background`));
  const pods = `/api/v1/namespaces/${simulatedNamespace}/pods`;
  for (const resource of [jobs, pods])
    await until(`no ${resource}`, async () => itemsOf(await api.call('GET', `${resource}?limit=1`)).length === 0);
}

/** All at once, as a loop around `kubectl create` in parallel would. */
export async function jobPerTrial(plane: ControlPlane, trials: number, mark: Mark): Promise<void> {
  const { api } = plane;
  let next = 0;
  const create = async (): Promise<void> => {
    for (let trial = next++; trial < trials; trial = next++) {
      const spec = { backoffLimit: 3, template: template(String(trial)) };
      accepted(await api.call('POST', jobs, { metadata: { name: `trial-${trial}` }, spec }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, create));
  const unfinished = `${jobs}?fieldSelector=status.successful%3D0&limit=1`;
  await until('every Job succeeded', async () => itemsOf(await api.call('GET', unfinished)).length === 0);
  mark('done');
  await removeAll(plane);
}

/** One Job with an index a trial. */
export async function indexedJob(plane: ControlPlane, trials: number, mark: Mark): Promise<void> {
  const { api } = plane;
  const spec = {
    completionMode: 'Indexed',
    completions: trials,
    parallelism: trials,
    template: template('$(JOB_COMPLETION_INDEX)'),
  };
  accepted(await api.call('POST', jobs, { metadata: { name: 'trials' }, spec }));
  await until('the Job succeeded', async () => {
    const { body } = await api.call('GET', `${jobs}/trials`);
    return (body['status'] as { readonly completionTime?: string }).completionTime !== undefined;
  });
  mark('done');
  await removeAll(plane);
}
