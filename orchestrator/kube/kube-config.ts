/** How to reach the cluster: as kubectl does, or by the pod's own service account. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { kubeEnvironment, type KubeEnvironment } from './config.ts';
import { closestName } from '../planning/spec/closest-name.ts';

export interface ClusterChoice {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Default: the context's namespace. */
  readonly namespace: string | undefined;
}

/** The message of the API server, without its envelope. */
export function wordsOf(error: unknown): string {
  const body: unknown = (error as { body?: unknown }).body;
  if (typeof body !== 'string') return error instanceof Error ? error.message : String(error);
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body.trim();
  }
}

/** The configuration of the orchestrator. */
export function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

function ofFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new InvalidInputError(`kubeconfig ${file}: ${wordsOf(error)}`, { cause: error });
  }
  return config;
}

/** The first file that defines an entry, or the current context, wins. This is kubectl's rule; the client's own merge differs. */
function merged(configs: readonly KubeConfig[]): KubeConfig {
  const config = new KubeConfig();
  const first = <T extends { readonly name: string }>(all: readonly T[]): T[] => [
    ...new Map([...all].reverse().map((each) => [each.name, each])).values(),
  ];
  config.loadFromOptions({
    clusters: first(configs.flatMap(({ clusters }) => clusters)),
    users: first(configs.flatMap(({ users }) => users)),
    contexts: first(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
  });
  return config;
}

/** The existing files of KUBECONFIG, else ~/.kube/config, else the pod's service account. */
function defaultConfig(environment: KubeEnvironment): KubeConfig {
  const named = (environment['KUBECONFIG'] ?? '').split(path.delimiter).filter(Boolean);
  const files = (named.length > 0 ? named : [path.join(environment['HOME'] ?? homedir(), '.kube', 'config')]).filter((file) =>
    existsSync(file),
  );
  if (files.length > 0) return merged(files.map(ofFile));
  if (named.length === 0 && environment['KUBERNETES_SERVICE_HOST'] !== undefined) return kubeConfig();
  const found = named.length > 0 ? `KUBECONFIG names ${named.join(', ')}, which does not exist` : 'there is no ~/.kube/config';
  throw new InvalidInputError(`no kubeconfig: ${found}. Remedy: set KUBECONFIG, or give --kubeconfig FILE`);
}

/** @throws InvalidInputError for a kubeconfig or context that does not exist, or names no cluster */
export function chosenConfig(
  { kubeconfig, context, namespace }: ClusterChoice,
  environment: KubeEnvironment = kubeEnvironment(),
): { config: KubeConfig; namespace: string } {
  const config = kubeconfig === undefined ? defaultConfig(environment) : ofFile(kubeconfig);
  const known = config.contexts.map(({ name }) => name);
  if (context !== undefined && config.getContextObject(context) === null) {
    const close = closestName(context, known);
    const meant = close === undefined ? '' : ` (did you mean "${close}"?)`;
    throw new InvalidInputError(`no context ${context} in the kubeconfig; there are: ${known.join(', ')}${meant}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() === null)
    throw new InvalidInputError(
      `the kubeconfig's context "${config.currentContext}" names no cluster. Remedy: give --context NAME; there are: ${known.join(', ') || 'none'}`,
    );
  return { config, namespace: namespace ?? config.getContextObject(config.currentContext)?.namespace ?? 'default' };
}
