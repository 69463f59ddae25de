/** Orchestrators whose API server dies, refuses, forgets or falls silent, that lead at the same time, or whose clock is wrong. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { planOf, smallSpec } from '../harness/cluster-sweeps.ts';
import type { Orchestrator } from '../harness/control-plane.ts';
import { FaultProxy, seeded, type Fault, type Proxied } from '../harness/fault-proxy.ts';
import { conflictsIn } from '../harness/pool-sweep.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let proxy: FaultProxy;
/** Reaches the API server through the proxy. */
let disturbedKubeconfig = '';
beforeAll(async () => {
  cluster = await Cluster.start('faults', { namespaces: ['elsewhere'] });
  const { api } = cluster.plane;
  const certificates = path.join(api.files.folder, 'certificates');
  const tls = { key: path.join(certificates, 'apiserver.key'), cert: path.join(certificates, 'apiserver.crt') };
  proxy = await FaultProxy.start({ port: api.process.port, tls });
  disturbedKubeconfig = path.join(api.files.folder, 'disturbed-kubeconfig');
  await writeFile(disturbedKubeconfig, proxy.before(await readFile(api.kubeconfig, 'utf8')));
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  await proxy.stop();
});

/** The same for all tests, because each has its own store. */
const spec = smallSpec({
  seed: ['51..58', stubSeeds.held],
  grids: [{ name: 'g', epoch: [1, 'last'], attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255', '8/255'] }],
});
const patience = { timeout: 120_000, interval: 200 };

/**
 * Runs a sweep in its own store under its own orchestrators. @param trouble happens once one cell is done, and before all are
 * @returns cell → numbers, all of them
 */
async function run(
  name: string,
  environments: readonly Readonly<Record<string, string>>[],
  trouble: () => Promise<void> | void = () => undefined,
): Promise<ReadonlyMap<string, unknown>> {
  const { sweeps, hold, plane } = cluster;
  const location = await plane.s3.bucket(`${name}-bucket`);
  const orchestrators: Orchestrator[] = [];
  for (const environment of environments)
    orchestrators.push(await cluster.orchestrate({ NCSWEEP_INSTALL: name, NCSWEEP_STORE: location, ...environment }));
  try {
    for (const { output } of orchestrators) await vi.waitFor(() => expect(output()).toContain('"LeaderElected"'), patience);
    hold.begin();
    await sweeps.make(name, spec);
    await sweeps.works(name);
    await trouble();
    hold.release();
    await sweeps.completes(name);
    const plan = planOf(name, spec);
    const store = await openStore(location, 'read');
    const { done } = await storeState(plan, store);
    const cells = plan.cells.size;
    expect(done.size).toBe(cells);
    expect((await sweeps.status(name)).counters).toMatchObject({ cells, done: cells, cached: 0, parked: 0, blocked: 0 });
    expect(await conflictsIn(store)).toEqual([]);
    return new Map([...done].map(([cellId, { value }]) => [cellId, value.scalars]));
  } finally {
    await sweeps.remove(name).catch(() => undefined);
    for (const each of orchestrators) await each.stop('SIGKILL');
  }
}

let undisturbed: ReadonlyMap<string, unknown>;
it('nothing happens: what the others are compared with', async () => {
  undisturbed = await run('quiet', [{}]);
}, 500_000);

it('an API server that is killed in mid-sweep', async () => {
  expect(await run('killed', [{}], () => cluster.plane.api.process.restart(2_000))).toEqual(undisturbed);
}, 500_000);

const isWatch = ({ path: asked }: Proxied): boolean => asked.includes('watch=true');
/** A leader that cannot keep its Lease exits, and its Deployment restarts it. */
const isOther = (request: Proxied): boolean => !isWatch(request) && !request.path.includes('/leases');
const gone = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 410,
    reason: 'Expired',
    message: 'too old resource version',
  },
};
const json = { 'content-type': 'application/json' };
const forgotten: Fault = { kind: 'refused', status: 200, headers: json, body: `${JSON.stringify(gone)}\n` };
const expired: Fault = { kind: 'refused', status: 410, headers: json, body: JSON.stringify(gone.object) };
const tooMany: Fault = {
  kind: 'refused',
  status: 429,
  headers: { ...json, 'retry-after': '1' },
  body: JSON.stringify({ ...gone.object, code: 429, reason: 'TooManyRequests', message: 'too many requests' }),
};

it('a storm: watches that are refused, forgotten, closed, or silent without an end; requests that are too many', async () => {
  const watches = seeded(
    1,
    [
      [forgotten, 0.2],
      [expired, 0.1],
      [{ kind: 'reset' }, 0.2],
      [{ kind: 'half-open' }, 0.3],
    ],
    isWatch,
  );
  const others = seeded(
    2,
    [
      [tooMany, 0.15],
      [{ kind: 'reset' }, 0.05],
      [{ kind: 'lost-answer' }, 0.1],
    ],
    isOther,
  );
  proxy.choose = (request) => watches(request) ?? others(request);
  const environment = { KUBECONFIG: disturbedKubeconfig, NCSWEEP_WATCH_SILENCE_MS: '2000' };
  const eachFaultTwice = (): Promise<void> =>
    vi.waitFor(() => {
      for (const kind of ['refused', 'reset', 'half-open', 'lost-answer'] as const)
        expect(proxy.met.get(kind) ?? 0, kind).toBeGreaterThan(1);
    }, patience);
  expect(await run('storm', [environment], eachFaultTwice)).toEqual(undisturbed);
}, 500_000);

it('two leaders at once, each with a Lease of its own, of which one thinks that it is five hours earlier', async () => {
  const skewed = {
    NODE_OPTIONS: `--import=${fileURLToPath(new URL('../harness/skewed-clock.ts', import.meta.url))}`,
    NCSWEEP_TEST_CLOCK_SKEW_MS: String(-5 * 3_600_000),
  };
  const leaders = [{ NCSWEEP_IDENTITY: 'one' }, { NCSWEEP_IDENTITY: 'two', NCSWEEP_NAMESPACE: 'elsewhere', ...skewed }];
  expect(await run('two', leaders)).toEqual(undisturbed);
}, 500_000);
