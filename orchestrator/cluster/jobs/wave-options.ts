/** The install's template for worker pods, adapted to what the sweep says. Pure. */
import { backendOf, type BackendName } from '@ncsweep/catalog/backends';
import type { SweepResource } from '../decide/sweep-resource.ts';
import type { AllowedStore } from '../stores/store-policy.ts';
import { datasetVolumes } from './dataset-volumes.ts';
import { isDevice } from './devices.ts';
import { queueOf } from './pod.ts';
import { mebibytes, parseQuantity } from './quantity.ts';
import { withCredentials } from './store-credentials.ts';
import type { WaveOptions, WorkerTemplate } from './wave-job.ts';

type Resources = Readonly<Record<string, string>>;

const isNone = (quantity: string): boolean => parseQuantity(quantity) === 0;

/** The factor by which memory grows each time it did not suffice. */
const memoryGrowth = 1.5;

/**
 * Devices that the sweep names replace those of the install, since a pod has one kind of GPU; a backend that computes on the CPU
 * gets none of the install's devices. A quantity of 0 removes the resource.
 */
function resourcesOf(install: Resources, asked: Resources, backend: BackendName, memoryStep: number): Resources {
  const replaces = backendOf(backend).device !== 'gpu' || Object.keys(asked).some(isDevice);
  const kept = Object.entries(install).filter(([name]) => !(replaces && isDevice(name)));
  const merged = Object.entries({ ...Object.fromEntries(kept), ...asked }).filter(([, quantity]) => !isNone(quantity));
  return Object.fromEntries(merged.map(([name, quantity]) => [name, name === 'memory' ? grown(quantity, memoryStep) : quantity]));
}

function grown(memory: string, step: number): string {
  const bytes = parseQuantity(memory);
  return step === 0 || bytes === undefined ? memory : mebibytes(bytes * memoryGrowth ** step);
}

export interface Install {
  readonly install: string;
  readonly template: WorkerTemplate;
}

/** @param memoryStep how often memory is increased by half */
export function waveOptions(
  { install, template }: Install,
  { metadata, spec }: Pick<SweepResource, 'metadata' | 'spec'>,
  pool: {
    readonly store: AllowedStore;
    readonly taskClass: WaveOptions['taskClass'];
    readonly backend: BackendName;
    readonly memoryStep: number;
  },
): Omit<WaveOptions, 'index' | 'size'> {
  const { store, taskClass, backend, memoryStep } = pool;
  const { images, ...common } = template;
  const execution = spec.execution ?? {};
  const asked = Object.entries(execution.resources?.[taskClass] ?? {}).map(([name, value]) => [name, String(value)] as const);
  const { volumes, mounts } = datasetVolumes(spec.dataset ?? []);
  const resources = resourcesOf(template.resources[taskClass], Object.fromEntries(asked), backend, memoryStep);
  return {
    sweep: metadata,
    taskClass,
    install,
    queue: queueOf(execution),
    backend,
    memoryStep,
    storeLocation: store.location,
    overlay: execution.podTemplate,
    template: {
      ...common,
      image: images?.[backend] ?? template.image,
      environment: withCredentials(template.environment, store),
      priorityClassName: execution.priorityClassName ?? template.priorityClassName,
      nodeSelector: { ...template.nodeSelector, ...execution.nodeSelector },
      tolerations: [...template.tolerations, ...(execution.tolerations ?? [])],
      volumes: [...template.volumes, ...volumes],
      volumeMounts: [...template.volumeMounts, ...mounts],
      resources: { ...template.resources, [taskClass]: resources },
    },
  };
}
