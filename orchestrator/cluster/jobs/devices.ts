/** Devices of a pod: resources with a vendor in their name, such as `nvidia.com/gpu`. Pure. */
import { parseQuantity } from './quantity.ts';

/** Devices have a vendor: `nvidia.com/gpu`, `nvidia.com/mig-1g.5gb`, `amd.com/gpu`. */
export const isDevice = (name: string): boolean => name.includes('/');

/** The part that matters here, of a manifest or of an object from the API server. */
interface PodSpec {
  readonly containers?: readonly { readonly resources?: { readonly limits?: Readonly<Record<string, string>> } }[];
}

export const devicesOf = ({ containers = [] }: PodSpec): number =>
  containers
    .flatMap(({ resources }) => Object.entries(resources?.limits ?? {}))
    .reduce((sum, [name, quantity]) => sum + (isDevice(name) ? (parseQuantity(quantity) ?? 0) : 0), 0);
