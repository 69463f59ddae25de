import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenConfig } from './kube-config.ts';

const none = { kubeconfig: undefined, context: undefined, namespace: undefined };
let folder = '';
const file = (name: string): string => path.join(folder, name);
const write = (name: string, current: string, contexts: readonly string[], port: number): Promise<void> =>
  writeFile(
    file(name),
    JSON.stringify({
      ...(current !== '' && { 'current-context': current }),
      contexts: contexts.map((each) => ({ name: each, context: { cluster: each, user: each, namespace: `ns-${each}` } })),
      clusters: contexts.map((each) => ({ name: each, cluster: { server: `https://127.0.0.1:${port}` } })),
      users: contexts.map((each) => ({
        name: each,
        user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'login', interactiveMode: 'Never' } },
      })),
    }),
  );
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-kubeconfig-'));
  await write('a', 'lab', ['lab'], 1);
  await write('b', 'cloud', ['lab', 'cloud'], 2);
  await write('empty', '', [], 3);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const files = (...names: string[]) => ({ KUBECONFIG: names.map(file).join(path.delimiter) });

describe('the kubeconfig, as kubectl reads it', () => {
  it('merges the files of KUBECONFIG: the first that names a thing wins, files that are not there are passed over', () => {
    const { config, namespace } = chosenConfig(none, files('gone', 'a', 'b'));
    expect(config.currentContext).toBe('lab');
    expect(config.getCurrentCluster()?.server).toBe('https://127.0.0.1:1');
    expect(namespace).toBe('ns-lab');
    expect(config.getCurrentUser()?.exec).toMatchObject({ command: 'login' });
  });

  it('takes another context with its namespace, and a namespace that is named before it', () => {
    const { config, namespace } = chosenConfig({ ...none, context: 'cloud' }, files('a', 'b'));
    expect(config.getCurrentCluster()?.server).toBe('https://127.0.0.1:2');
    expect(namespace).toBe('ns-cloud');
    expect(chosenConfig({ ...none, namespace: 'mine' }, files('a')).namespace).toBe('mine');
    expect(chosenConfig({ ...none, kubeconfig: file('b') }, files('a')).config.currentContext).toBe('cloud');
  });

  it.each([
    ['no file', none, ['gone'], /no kubeconfig: KUBECONFIG names .*gone.* Remedy/],
    ['no context', none, ['empty'], /names no cluster. Remedy: give --context NAME; there are: none/],
    [
      'an unknown context',
      { ...none, context: 'clod' },
      ['a', 'b'],
      /no context clod .*there are: (lab, cloud|cloud, lab) \(did you mean "cloud"\?\)/,
    ],
  ])('refuses %s', (_, choice, names, message) => {
    expect(() => chosenConfig(choice, files(...names))).toThrow(message);
  });
});
