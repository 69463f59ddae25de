/** The chart's admission policy on a real API server: it refuses at once what the orchestrator would refuse, in the same words. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { sweepCrd } from '@ncsweep/catalog/language/crd';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { commandPlaces, forbiddenInPods, namingPlaces, type PodPolicy } from '@ncsweep/orchestrator/cluster/jobs/pod-policy';
import { placeOf, type StorePolicy } from '@ncsweep/orchestrator/cluster/stores/store-policy';
import { badSpecs, goodSpecs } from '@ncsweep/orchestrator/testing/corpus/specs';
import { InvalidSweepError, pathText, type Problem } from '@ncsweep/orchestrator/planning/spec/problem';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { chartPodPolicy } from '@ncsweep/orchestrator/testing/chart-pod-policy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { collectionOf, renderChart } from '../harness/chart.ts';
import { sweepsOf } from '../harness/control-plane.ts';
import { startKubeApi, type KubeAnswer, type KubeApi } from '../harness/kube-api.ts';
import { serverProgram } from '../harness/server-process.ts';

type Spec = SweepResource['spec'];
const merge = 'application/merge-patch+json';
const some: PodPolicy = {
  serviceAccounts: ['reads-*'],
  priorityClasses: ['low'],
  workloadPriorityClasses: ['calm'],
  secrets: ['lab-*', 'a.b'],
  configMaps: [],
  images: ['*/busybox:*'],
  csiDrivers: ['csi.example.org'],
  commands: true,
};
const own = 's3://lab/sweeps?endpoint=https://s3.example.org&use_path_style=true';
const allowed = [
  { location: 's3://vision/{namespace}/x', namespaces: ['some', 'other'] },
  { location: 's3://all/x?endpoint=https://b.example.org' },
  { location: 's3://theirs/x', namespaces: ['other'] },
];
/** By namespace, each with its own install. */
const policies: Readonly<Record<string, { readonly pods: PodPolicy; readonly stores: StorePolicy }>> = {
  nothing: { pods: chartPodPolicy, stores: { own, separate: true, allowed: [] } },
  some: { pods: some, stores: { own, separate: false, allowed } },
};

let api: KubeApi;
beforeAll(async () => {
  api = await startKubeApi();
  await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', sweepCrd());
  await vi.waitFor(async () => expect((await api.call('GET', sweepsOf('default'))).status).toBe(200), within(120));
  for (const [name, { pods, stores }] of Object.entries(policies)) {
    await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
    const set = ['nats.servers=nats://nats:4222', 'clusterWide=false', 'crd.enabled=false'];
    const store = { location: own, separate: stores.separate, allowed: stores.allowed };
    const setJson = [`podPolicy=${JSON.stringify(pods)}`, `store=${JSON.stringify(store)}`];
    const objects = await renderChart({ release: name, namespace: name, set, setJson });
    for (const each of objects.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'))) {
      const { status, body } = await api.call('POST', `${collectionOf(each)}?fieldValidation=Strict`, each);
      expect(status, body.message).toBe(201);
    }
    // A policy counts soon after it is made.
    const counts = async (): Promise<void> =>
      expect((await create(name, { storage: { location: 's3://nowhere/x' } })).status).toBe(422);
    await vi.waitFor(counts, within(120));
  }
});
afterAll(() => api.stop());

const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
const base = parse(goodSpecs['base']!) as { readonly metadata: object; readonly spec: Spec };
const sweep = (more: Spec, name = 'a') => ({ ...base, metadata: { name }, spec: { ...base.spec, ...more } });
const apply = (namespace: string, document: unknown): Promise<KubeAnswer> =>
  api.call('POST', `${sweepsOf(namespace)}?fieldValidation=Strict&dryRun=All`, document);
const create = (namespace: string, more: Spec): Promise<KubeAnswer> => apply(namespace, sweep(more));

/** What the orchestrator of the namespace's install says. */
function refusal(namespace: string, spec: Spec): string | undefined {
  const { pods, stores } = policies[namespace]!;
  const place = placeOf({ metadata: { name: 'a', namespace, uid: '', generation: 1 }, spec }, stores);
  return place.kind === 'refused' ? place.message : forbiddenInPods({ spec }, pods);
}

/** The policy's own message; undefined when something else refused, or nothing. */
const denied = ({ status, body }: KubeAnswer): string | undefined =>
  status === 201 ? undefined : /denied request: ((.|\n)*)$/.exec(body.message ?? '')?.[1];

function problems(text: string): readonly Problem[] {
  try {
    readSweep({ bytes: new TextEncoder().encode(text), file: 'sweep.yaml', set: [] });
    return [];
  } catch (error) {
    if (error instanceof InvalidSweepError) return error.problems;
    throw error;
  }
}

/** The JSON that kubectl would send; undefined for text that never becomes JSON. */
function asJson(text: string): unknown {
  try {
    const document: unknown = parse(text, { maxAliasCount: 100 });
    const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
    return isObject ? JSON.parse(JSON.stringify(document)) : undefined;
  } catch {
    return undefined;
  }
}

/** An execution with a value at the end of the steps. */
const withValue = ([step, ...rest]: readonly string[], value: unknown): unknown => {
  if (step === undefined) return value;
  if (step === '*') {
    // A list's entries have names, and so does what mounts are merged by.
    const entry = withValue(rest, value);
    return [typeof entry === 'object' ? { name: 'worker-2', ...entry } : entry];
  }
  return { [step]: withValue(rest, value) };
};

describe('the admission policy', () => {
  it.each(Object.entries(goodSpecs))('accepts what validate and the install accept: %s', async (_, text) => {
    const document = asJson(text) as { spec: Spec };
    for (const namespace of Object.keys(policies)) {
      const answer = await apply(namespace, document);
      const expected = refusal(namespace, document.spec);
      if (expected === undefined) expect(answer.status, answer.body.message).toBe(201);
      else expect(answer.status).toBe(422);
    }
  });

  it('says of a bad podTemplate what validate says, and leaves only meaning to the orchestrator', async () => {
    const left: string[] = [];
    let refused = 0;
    for (const [name, text] of Object.entries(badSpecs)) {
      const document = asJson(text);
      const found = document === undefined ? [] : problems(JSON.stringify(document));
      if (document === undefined || found.length === 0) continue;
      const answer = await apply('some', document);
      const said = denied(answer);
      if (answer.status === 201) left.push(name);
      if (said === undefined || said.startsWith('execution.')) continue;
      refused += 1;
      const [{ path: place, expected, remedy }] = found as [Problem];
      expect(said, name).toContain(`${pathText(place)}: expected ${expected}. Remedy: `);
      // CEL cannot look for the name that was meant.
      if (!remedy.startsWith('did you mean')) expect(said, name).toContain(`. Remedy: ${remedy}`);
    }
    expect(refused).toBeGreaterThan(20);
    await expect(`${left.join('\n')}\n`).toMatchFileSnapshot('left-by-policy.txt');
  });

  const places = [
    ...namingPlaces.map(([what, steps]) => [steps.join('.'), steps, what] as const),
    ...commandPlaces.map((steps) => [steps.join('.'), steps, 'commands'] as const),
  ];
  it.each(places)('refuses names that the install does not allow, in its words: %s', async (_, steps, what) => {
    const good = {
      serviceAccounts: 'reads-the-bucket',
      priorityClasses: 'low',
      workloadPriorityClasses: 'calm',
      secrets: 'lab-a',
    };
    const names = { ...good, configMaps: 'any', images: 'mirror/busybox:1', csiDrivers: 'csi.example.org', commands: ['ls'] };
    const name = names[what];
    for (const namespace of Object.keys(policies)) {
      // The custom resource itself wants a queue beside the order in it.
      const execution = { queueName: 'gpu', ...(withValue(steps, name) as NonNullable<Spec['execution']>) };
      const expected = refusal(namespace, { execution });
      const answer = await create(namespace, { execution });
      if (expected === undefined) expect(denied(answer)).toBeUndefined();
      else expect(denied(answer), answer.body.message).toBe(expected);
    }
  });

  it.each(['lab-', 'lab-x', 'xlab-x', 'lab', 'a.b', 'aXb', 'a.b.c', 'lab-\nx'])(
    'reads * as the orchestrator does: %j',
    async (name) => {
      const execution = { podTemplate: { spec: { imagePullSecrets: [{ name }] } } };
      expect(denied(await create('some', { execution }))).toBe(refusal('some', { execution }));
    },
  );

  it.each([
    ...['s3://lab/sweeps', 's3://lab/sweeps/', own, 's3://lab/sweeps?endpoint=https://other.example.org', 's3://lab/other'],
    ...['s3://lab/sweeps/namespaces/some', 's3://lab/sweeps/namespaces/some/mine', 's3://lab/sweeps/namespaces/some/../other'],
    ...[
      's3://lab/sweeps/namespaces/something',
      's3://lab/sweeps/namespaces/nothing/x',
      's3://vision/some/x',
      's3://vision/other/x',
    ],
    ...['s3://all/x', 's3://all/x?endpoint=https://b.example.org', 's3://all/x?endpoint=https://c.example.org', 's3://theirs/x'],
    ...['/data', 's3://lab/sweeps/namespaces/some/a b', 's3://lab/sweeps/namespaces/some//x'],
  ])('lets results lie where the orchestrator does: %s', async (location) => {
    for (const namespace of Object.keys(policies)) {
      const storage = { location };
      const answer = await create(namespace, { storage });
      expect(answer.status, answer.body.message).toBe(refusal(namespace, { storage }) === undefined ? 201 : 422);
      if (denied(answer) !== undefined) expect(denied(answer)).toBe(refusal(namespace, { storage }));
    }
  });

  it('lets a Sweep from before it be suspended, labelled, finished and deleted, and says what is forbidden when its pods are edited', async () => {
    const name = 'nothing-sweeps';
    const binding = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${name}`;
    const setActions = (validationActions: string[]) => api.call('PATCH', binding, { spec: { validationActions } }, merge);
    const forbidden = { podTemplate: { spec: { serviceAccountName: 'admin' } } };
    await setActions(['Audit']);
    const made = async (): Promise<void> => {
      const { status } = await api.call('POST', sweepsOf('nothing'), sweep({ execution: forbidden }, 'early'));
      expect([201, 409]).toContain(status);
    };
    await vi.waitFor(made, within(120));
    await setActions(['Deny']);
    await vi.waitFor(async () => expect((await create('nothing', { execution: forbidden })).status).toBe(422), within(120));
    const patch = (change: object): Promise<KubeAnswer> => api.call('PATCH', `${sweepsOf('nothing')}/early`, change, merge);
    const kept = { metadata: { labels: { a: 'b' }, finalizers: ['ncsweep.dev/results'] } };
    expect((await patch(kept)).status).toBe(200);
    expect((await patch({ spec: { suspend: true } })).status).toBe(200);
    expect((await patch({ spec: { execution: { parallelism: 3 } } })).body.message).toContain(
      'podPolicy.serviceAccounts allows nothing, found admin',
    );
    expect((await patch({ spec: { execution: { podTemplate: null } } })).status).toBe(200);
    expect((await patch({ metadata: { finalizers: [] } })).status).toBe(200);
    expect((await api.call('DELETE', `${sweepsOf('nothing')}/early`)).status).toBe(200);
  });

  it('is what people read at kubectl apply', async () => {
    const file = path.join(api.files.folder, 'sweep.json');
    await writeFile(file, JSON.stringify(sweep({ execution: { podTemplate: { spec: { hostNetwork: true } } } })));
    const kubectl = promisify(execFile)(serverProgram('kube/kubectl'), [
      '--kubeconfig',
      api.kubeconfig,
      'apply',
      '-n',
      'some',
      '-f',
      file,
    ]);
    await expect(kubectl).rejects.toThrow(
      'spec.execution.podTemplate.spec.hostNetwork: expected no such field: restricted pod security forbids it. Remedy: remove hostNetwork',
    );
  });
});
