/** The custom resource on a real API server: it accepts and refuses the same sweeps as the command line. */
import { badSpecs, goodSpecs } from '@ncsweep/orchestrator/testing/corpus/specs';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { sweepCrd } from '@ncsweep/catalog/language/crd';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { startKubeApi, type KubeApi, type KubeAnswer } from '../harness/kube-api.ts';
import { serverProgram } from '../harness/server-process.ts';

let api: KubeApi;
const sweeps = '/apis/ncsweep.dev/v1alpha1/namespaces/default/sweeps';
beforeAll(async () => {
  api = await startKubeApi();
  const made = await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', sweepCrd());
  expect(made.body.message ?? '').toBe('');
  expect(made.status).toBe(201);
  await vi.waitFor(async () => expect((await api.call('GET', sweeps)).status).toBe(200), { timeout: 120_000, interval: 100 });
});
afterAll(() => api.stop());

const create = (document: unknown): Promise<KubeAnswer> =>
  api.call('POST', `${sweeps}?fieldValidation=Strict&dryRun=All`, document);

/** The problems that the command line finds in a text; undefined if there are none. */
function refusal(text: string): string | undefined {
  try {
    readSweep({ bytes: new TextEncoder().encode(text), file: 'sweep.yaml', set: [] });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The JSON that kubectl would send; undefined for text that never becomes JSON. */
function asJson(text: string): unknown {
  try {
    const document: unknown = parse(text, { maxAliasCount: 100 });
    return typeof document === 'object' && document !== null && !Array.isArray(document)
      ? JSON.parse(
          JSON.stringify(document, (_, value: unknown) => (Number.isFinite(value) || typeof value !== 'number' ? value : 'NaN')),
        )
      : undefined;
  } catch {
    return undefined;
  }
}

describe('the custom resource', () => {
  it('has no condition that says it is not structural', async () => {
    const conditions = async (): Promise<readonly { type: string; status: string }[]> => {
      const { body } = await api.call('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sweeps.ncsweep.dev');
      return (body['status'] as { conditions: { type: string; status: string }[] }).conditions;
    };
    const established = expect.objectContaining({ type: 'Established', status: 'True' }) as object;
    await vi.waitFor(async () => expect(await conditions()).toContainEqual(established), { timeout: 120_000 });
    expect((await conditions()).filter(({ type }) => type === 'NonStructuralSchema')).toEqual([]);
  });

  it.each(Object.entries(goodSpecs))('accepts, as the command line does: %s', async (_, text) => {
    expect(refusal(text)).toBeUndefined();
    const answer = await create(asJson(text));
    expect(answer.body.message).toBeUndefined();
    expect(answer.status).toBe(201);
  });

  /** No workers: there the Sweep is suspended. */
  const meansSomethingHere = new Set(['no workers']);

  it('refuses nothing that the command line accepts, and leaves only meaning to the orchestrator', async () => {
    const left: string[] = [];
    for (const [name, text] of Object.entries(badSpecs)) {
      const document = asJson(text);
      const said = document === undefined ? undefined : refusal(JSON.stringify(document));
      if (document === undefined) continue;
      const { status } = await create(document);
      expect([201, 400, 404, 422], name).toContain(status);
      if (status !== 201) expect(said, name).toBeDefined();
      else if (said !== undefined && !meansSomethingHere.has(name)) left.push(name);
    }
    await expect(`${left.join('\n')}\n`).toMatchFileSnapshot('left-to-orchestrator.txt');
  });

  const base = asJson(goodSpecs['base']!) as { metadata: object; spec: object };
  const named = (name: string, spec: object = {}) => ({ ...base, metadata: { name }, spec: { ...base.spec, ...spec } });
  const patch = (name: string, spec: object): Promise<KubeAnswer> =>
    api.call('PATCH', `${sweeps}/${name}`, { spec }, 'application/merge-patch+json');

  it('keeps storage as it was made, and a cancelled sweep cancelled', async () => {
    const storage = { location: 's3://lab/ours' };
    expect((await api.call('POST', sweeps, named('fixed', { storage }))).status).toBe(201);
    for (const change of [{ storage: { location: 's3://lab/theirs' } }, { storage: null }]) {
      const { status, body } = await patch('fixed', change);
      expect(status).toBe(422);
      expect(body.message).toContain('storage cannot be changed');
    }
    expect((await patch('fixed', { cancelled: true })).status).toBe(200);
    for (const cancelled of [false, null]) {
      const { status, body } = await patch('fixed', { cancelled });
      expect(status).toBe(422);
      expect(body.message).toContain('stays cancelled');
    }
    expect((await patch('fixed', { question: 'Why?', suspend: true })).status).toBe(200);
    expect((await api.call('POST', sweeps, named('free'))).status).toBe(201);
    expect((await patch('free', { storage })).body.message).toContain('storage cannot be changed');
  });

  it('scales by its parallelism, and has its status apart', async () => {
    expect((await api.call('POST', sweeps, named('scaled'))).status).toBe(201);
    const scaled = await api.call('PATCH', `${sweeps}/scaled/scale`, { spec: { replicas: 7 } }, 'application/merge-patch+json');
    expect(scaled.status).toBe(200);
    const status = { phase: 'Running', trials: '1/2', replicas: 7 };
    const told = await api.call(
      'PATCH',
      `${sweeps}/scaled/status`,
      { status, spec: { question: 'No' } },
      'application/merge-patch+json',
    );
    expect(told.status).toBe(200);
    const { body } = await api.call('GET', `${sweeps}/scaled`);
    expect(body['spec']).toMatchObject({ execution: { parallelism: 7 } });
    expect(body['spec']).not.toHaveProperty('question');
    expect(body['status']).toMatchObject(status);
  });

  it('refuses a status that would grow with the sweep', async () => {
    expect((await api.call('POST', sweeps, named('large'))).status).toBe(201);
    const failures = Array.from({ length: 11 }, (_, i) => ({ cellId: String(i), class: 'unknown', message: '' }));
    const told = await api.call('PATCH', `${sweeps}/large/status`, { status: { failures } }, 'application/merge-patch+json');
    expect(told.status).toBe(422);
  });

  const kubectl = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(serverProgram('kube/kubectl'), ['--kubeconfig', api.kubeconfig, ...args])).stdout;

  it('is scaled by kubectl, within its bounds', async () => {
    await api.call('POST', sweeps, named('by-kubectl'));
    await kubectl('scale', 'sweep/by-kubectl', '--replicas=5');
    expect((await api.call('GET', `${sweeps}/by-kubectl`)).body['spec']).toMatchObject({ execution: { parallelism: 5 } });
    await kubectl('scale', 'sweep/by-kubectl', '--replicas=0');
    expect((await api.call('GET', `${sweeps}/by-kubectl`)).body['spec']).toMatchObject({ execution: { parallelism: 0 } });
    await expect(kubectl('scale', 'nsw/by-kubectl', '--replicas=10001')).rejects.toThrow(/less than or equal to 10000/);
  });

  it('is waited for by kubectl, by any of its conditions', async () => {
    await api.call('POST', sweeps, named('awaited'));
    const waiting = kubectl('wait', 'sweep/awaited', '--for=condition=Complete', '--timeout=120s');
    const complete = { type: 'Complete', status: 'True', reason: 'AllCommitted', message: '', observedGeneration: 1 };
    const conditions = [{ ...complete, lastTransitionTime: new Date().toISOString() }];
    await api.call('PATCH', `${sweeps}/awaited/status`, { status: { conditions } }, 'application/merge-patch+json');
    expect(await waiting).toContain('sweep.ncsweep.dev/awaited condition met');
    await expect(kubectl('wait', 'sweep/awaited', '--for=condition=Failed', '--timeout=1s')).rejects.toThrow(/timed out/);
  });

  it('is listed by its short name and category, with its columns', async () => {
    await api.call('POST', sweeps, named('listed'));
    const status = { phase: 'Running', trials: '7/9', reason: 'Running', eta: { seconds: 60, low: 20, high: 180, text: '~1m' } };
    await api.call('PATCH', `${sweeps}/listed/status`, { status }, 'application/merge-patch+json');
    expect(await kubectl('get', 'nsw', 'listed')).toMatch(
      /^NAME +PHASE +TRIALS +FAILED +CACHED +ETA +AGE\nlisted +Running +7\/9 +~1m/,
    );
    expect(await kubectl('get', 'ncsweep', '-o', 'name')).toContain('sweep.ncsweep.dev/listed');
  });

  it.each([
    ['sweep', /architecture × training × attack × epsilon × layer/],
    ['sweep.spec.seed', /independently trained model/],
    ['sweep.spec.deletionPolicy', /default Retain/],
    ['sweep.spec.execution.parallelism', /on a\s+cluster 2/],
    ['sweep.spec.training.attack.stepSize', /Default 2\/255 for linf/],
    ['sweep.spec.grids.split', /as in the paper/],
    ['sweep.spec.grids.exclude.epsilon', /Labels of the axis epsilon/],
    ['sweep.status.counters.cached', /before the sweep first ran/],
  ])('is explained: %s', async (field, text) => {
    expect(await kubectl('explain', field)).toMatch(text);
  });
});
