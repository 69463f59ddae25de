/** The custom resource against a real API server: it and the command line accept and refuse the same sweeps. */
import { badSpecs, goodSpecs } from '@ncsweep/orchestrator/spec/corpus/specs';
import { readSweep } from '@ncsweep/orchestrator/spec/read-sweep';
import { sweepCrd } from '@ncsweep/protocol/crd';
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
  await vi.waitFor(async () => expect((await api.call('GET', sweeps)).status).toBe(200), { timeout: 20_000, interval: 100 });
}, 120_000);
afterAll(() => api.stop());

const create = (document: unknown): Promise<KubeAnswer> =>
  api.call('POST', `${sweeps}?fieldValidation=Strict&dryRun=All`, document);

/** The problems that the command line has with a text; undefined when there is none. */
function refusal(text: string): string | undefined {
  try {
    readSweep({ bytes: new TextEncoder().encode(text), file: 'sweep.yaml', set: [] });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** As kubectl would send it; undefined for what never becomes JSON. */
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
    const { body } = await api.call('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sweeps.ncsweep.dev');
    const { conditions } = body['status'] as { conditions: { type: string; status: string; message: string }[] };
    expect(conditions.filter(({ type }) => type === 'NonStructuralSchema')).toEqual([]);
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }));
  });

  it.each(Object.entries(goodSpecs))('accepts, as the command line does: %s', async (_, text) => {
    expect(refusal(text)).toBeUndefined();
    const answer = await create(asJson(text));
    expect(answer.body.message).toBeUndefined();
    expect(answer.status).toBe(201);
  });

  it('refuses nothing that the command line accepts, and leaves only meaning to the orchestrator', async () => {
    const left: string[] = [];
    for (const [name, text] of Object.entries(badSpecs)) {
      const document = asJson(text);
      const said = document === undefined ? undefined : refusal(JSON.stringify(document));
      if (document === undefined) continue;
      const { status } = await create(document);
      expect([201, 400, 404, 422], name).toContain(status);
      if (status !== 201) expect(said, name).toBeDefined();
      else if (said !== undefined) left.push(name);
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

  it('has a text for every field of the spec that people write', async () => {
    const kubectl = ['--kubeconfig', api.kubeconfig, 'explain', 'sweep.spec.training.attack.stepSize'];
    const { stdout } = await promisify(execFile)(serverProgram('kube/kubectl'), kubectl);
    expect(stdout).toMatch(/Default 2\/255 for linf/);
  });
});
