/** A Sweep as the API server returns it; admission decodes its spec. */
import type { DatasetSpec } from '@ncsweep/catalog/language/spec';
import type { SweepStatus } from '@ncsweep/protocol/status';

export interface SweepResource {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** The named fields are read before the rest is decoded, or even if it does not decode. */
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly suspend?: boolean;
    readonly cancelled?: boolean;
    readonly storage?: { readonly location?: string };
    readonly dataset?: readonly DatasetSpec[];
    readonly plugins?: readonly string[];
    readonly deletionPolicy?: 'Retain' | 'Delete';
    readonly ttlSecondsAfterFinished?: number;
    readonly execution?: {
      readonly parallelism?: number;
      readonly activeDeadlineSeconds?: number;
      readonly queueName?: string;
      readonly workloadPriorityClassName?: string;
      readonly priorityClassName?: string;
      readonly tolerations?: readonly Readonly<Record<string, unknown>>[];
      readonly podTemplate?: Readonly<Record<string, unknown>>;
      readonly nodeSelector?: Readonly<Record<string, string>>;
      readonly resources?: Readonly<Partial<Record<'train' | 'evaluate', Readonly<Record<string, number | string>>>>>;
    };
  };
  readonly status?: SweepStatus;
}
