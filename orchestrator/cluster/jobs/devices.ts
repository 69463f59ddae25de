/** Devices of a pod, and how much of the limits of a namespace they count as. Pure. */
import { parseQuantity } from './quantity.ts';

/** Devices have a vendor: `nvidia.com/gpu`, `nvidia.com/mig-1g.5gb`, `amd.com/gpu`. */
export const isDevice = (name: string): boolean => name.includes('/');

/**
 * How many GPUs one of a device counts as, by the name of its resource (`nvidia.com/gpu.shared`) or of the ResourceClaimTemplate or
 * ResourceClaim that a pod refers to. What is not listed counts as `usualWeight` says.
 */
export type DeviceWeights = Readonly<Record<string, number>>;

interface Container {
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  /** `Always`: an init container that runs beside the others. */
  readonly restartPolicy?: string;
}

/** The part that matters here, of a manifest or of an object from the API server. */
export interface PodDevices {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly resourceClaims?: readonly { readonly resourceClaimName?: string; readonly resourceClaimTemplateName?: string }[];
}

/** An A100, H100 or H200 is cut into at most seven slices, and the name of a MIG device says how many it has. */
const slicesOfGpu = 7;
const mig = /\/mig-(?:\d+c\.)?(\d+)g\./;

const usualWeight = (name: string): number => {
  const slices = mig.exec(name)?.[1];
  return slices === undefined ? 1 : Math.min(1, Number(slices) / slicesOfGpu);
};

const weightOf = (name: string, weights: DeviceWeights): number => weights[name] ?? usualWeight(name);

/** How many GPUs the devices of a pod count as: those that its containers ask for, and those that it claims. */
export function gpusOf(pod: PodDevices, weights: DeviceWeights): number {
  const { containers = [], initContainers = [], resourceClaims = [] } = pod;
  const beside = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const before = initContainers.filter(({ restartPolicy }) => restartPolicy !== 'Always');
  // What runs before the others gives its devices back to them.
  const names = new Set([...containers, ...initContainers].flatMap(({ resources }) => Object.keys(resources?.limits ?? {})));
  const asked = [...names].filter(isDevice).map((name) => {
    const together = [...containers, ...beside].reduce((sum, container) => sum + amountOf(container, name), 0);
    return weightOf(name, weights) * Math.max(together, ...before.map((container) => amountOf(container, name)));
  });
  const claimed = resourceClaims.map(({ resourceClaimTemplateName, resourceClaimName = '' }) =>
    weightOf(resourceClaimTemplateName ?? resourceClaimName, weights),
  );
  return [...asked, ...claimed].reduce((sum, gpus) => sum + gpus, 0);
}

const amountOf = ({ resources }: Container, name: string): number => parseQuantity(resources?.limits?.[name] ?? '0') ?? 0;

/** Sums of sevenths are not exact. */
export const roundingSlack = 1e-6;
