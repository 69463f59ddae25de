/** A Sweep whose workers end as soon as they begin: what a person sees, how rarely it is retried, and how it ends. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { ncsweep } from '../harness/cli-run.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
let watching: NodeJS.Timeout | undefined;
beforeAll(async () => {
  cluster = await Cluster.start('crash');
  await cluster.orchestrate({ NCSWEEP_POD_POLICY: JSON.stringify({ commands: true }) });
  ({ sweeps } = cluster);
}, 120_000);
afterAll(async () => {
  clearInterval(watching);
  await cluster.stop();
});

const call = (...args: string[]) =>
  ncsweep(args, { environment: { ...cluster.plane.s3.environment, KUBECONFIG: cluster.plane.api.kubeconfig } });
const workers = (command: string): object => ({
  parallelism: 1,
  podTemplate: { spec: { containers: [{ name: 'worker', command: ['node', '-e', command] }] } },
});
interface Job {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
}
const waves = async (): Promise<Job[]> => {
  const selector = 'ncsweep.dev/sweep=crashes,app.kubernetes.io/name=ncsweep-worker';
  const { body } = await cluster.plane.api.call(
    'GET',
    `/apis/batch/v1/namespaces/default/jobs?labelSelector=${encodeURIComponent(selector)}`,
  );
  return body['items'] as Job[];
};
/** All worker Jobs that were ever seen, and when they were created. */
const made = new Map<string, number>();
let mostAtOnce = 0;
async function seeWaves(): Promise<void> {
  const there = await waves();
  mostAtOnce = Math.max(mostAtOnce, there.length);
  for (const { metadata } of there) made.set(metadata.name, Date.parse(metadata.creationTimestamp));
}

const words = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('a Sweep whose workers end as soon as they begin', () => {
  it('says so at the first Job, in the words of its workers, everywhere a person looks', async () => {
    const execution = workers("console.error('there is no GPU here'); process.exit(78)");
    watching = setInterval(() => void seeWaves(), 500);
    await sweeps.make('crashes', smallSpec({ seed: ['1..3'], execution }));
    const said = (job: string): string =>
      words(
        new RegExp(
          `^pod crashes-train-${job}-\\S+ ended with code 78: there is no GPU here\\. Remedy: .*ncsweep logs crashes -n default`,
        ),
      );
    await sweeps.says('crashes', 'Progressing', { status: 'False', reason: 'WorkersCrashing', message: said('\\d') });
    await sweeps.tells('crashes', { type: 'Warning', reason: 'WorkersCrashing', message: said('0') });
    expect((await call('status', 'crashes')).stdout).toMatch(/Progressing +False +WorkersCrashing +pod .*there is no GPU here/);
    const { stdout, stderr } = await call('logs', 'crashes');
    expect(stdout, stderr).toMatch(/^== WorkersCrashing\npod .*there is no GPU here/);
  });

  it('tries ever more seldom, keeps one failed Job at most, and fails in the end with what the last one said', async () => {
    const status = await sweeps.reaches('crashes', 'Failed', { seconds: 400 });
    clearInterval(watching);
    expect(made.size).toBe(5);
    const times = [...made.values()];
    const waits = times.slice(1).map((time, i) => (time - times[i]!) / 1000);
    // The API server's times are whole seconds.
    for (const [i, least] of [10, 20, 40, 80].entries()) expect(waits[i]).toBeGreaterThanOrEqual(least - 1);
    expect(mostAtOnce).toBeLessThanOrEqual(2);
    const message = words(
      /^the workers of several Jobs in succession .* there is no GPU here\. Remedy: .* `ncsweep retry crashes --failed -n default` continues the Sweep/s,
    );
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failed', status: 'True', reason: 'WorkersCrashing', message }),
    );
    await vi.waitFor(async () => expect(await waves()).toEqual([]), { timeout: 120_000 });
    expect((await call('logs', 'crashes')).stdout).toMatch(/^== WorkersCrashing\n.*there is no GPU here/);
  }, 600_000);

  it('is tried again when a person asks, and completes when its workers are mended', async () => {
    const { stdout, stderr } = await call('retry', 'crashes', '--failed');
    expect(stdout, stderr).toContain('workers are restarted');
    await vi.waitFor(async () => expect(await waves()).toHaveLength(1), { timeout: 120_000 });
    await sweeps.edit('crashes', { execution: { podTemplate: null } });
    await sweeps.completes('crashes');
  }, 400_000);
});
