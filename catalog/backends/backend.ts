import type { PluginLanguage } from '../plugins/languages.ts';

/** What a backend is: a way to compute tensors. */
export interface Backend<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  readonly device: 'cpu' | 'gpu';
  /**
   * What two runs of one cell yield on similar machines: `equal` numbers, bit for bit (same versions, threads and CPU type), or numbers
   * within the tolerance of each metric, because sums have no fixed order.
   */
  readonly repeats: 'equal' | 'within tolerance';
  /** Languages of the plug-ins that it runs; undefined: it runs none. */
  readonly plugins?: readonly PluginLanguage[];
  /** Container image of the workers that have it. */
  readonly image: string;
  /** Seconds for 10⁹ multiply-adds on one core or device: an order of magnitude, used until something was measured. */
  readonly unitSeconds: number;
  /** What makes it available on a machine; undefined: it is always there. */
  readonly setUp?: string;
}

export const defineBackend = <const Name extends string>(backend: Backend<Name>): Backend<Name> => backend;
