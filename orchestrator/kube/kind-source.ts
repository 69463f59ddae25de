/** A reflector's source: the objects of one kind, in one namespace or all, read through client-node. */
import { ApiException, KubeConfig, KubernetesObjectApi, Watch, type KubernetesObject } from '@kubernetes/client-node';
import { GoneError, type Change, type Page, type Source } from './reflector.ts';

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

export const kinds = {
  sweep: { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', plural: 'sweeps' },
  job: { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' },
  pod: { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  namespace: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' },
} as const satisfies Record<string, Kind>;

const pageSize = 500;
/** The server ends a watch after this time, so that a new watch can reach another server. */
const watchSeconds = 290;
/** Bookmarks come about once a minute: a connection that is silent for much longer is dead, although nobody closed it. */
const longestSilenceMs = 150_000;
const gone = 410;

const pathOf = ({ apiVersion, plural }: Kind, namespace: string | undefined): string => {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
};

/** The HTTP status of a client-node error, of which there are several kinds. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof ApiException) return error.code;
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  return [statusCode, code].find((status): status is number => typeof status === 'number');
}

export class KindSource<T extends KubernetesObject> implements Source<T> {
  readonly #config: KubeConfig;
  readonly #objects: KubernetesObjectApi;
  readonly #kind: Kind;
  readonly #namespace: string | undefined;
  readonly #labelSelector: string | undefined;
  readonly #silenceMs: number;

  /** @param namespace undefined: all @param silenceMs silence after which a watch is restarted */
  constructor(
    config: KubeConfig,
    kind: Kind,
    namespace: string | undefined,
    labelSelector?: string,
    silenceMs = longestSilenceMs,
  ) {
    this.#config = config;
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#kind = kind;
    this.#namespace = namespace;
    this.#labelSelector = labelSelector;
    this.#silenceMs = silenceMs;
  }

  async list(token: string | undefined): Promise<Page<T>> {
    const { apiVersion, kind } = this.#kind;
    const none = undefined;
    try {
      const args = [none, none, none, none, this.#labelSelector, pageSize, token] as const;
      const found = await this.#objects.list<T>(apiVersion, kind, this.#namespace, ...args);
      const more = found.metadata?._continue;
      return {
        items: found.items,
        resourceVersion: found.metadata?.resourceVersion ?? '',
        continue: more === '' ? undefined : more,
      };
    } catch (error) {
      throw statusOf(error) === gone ? new GoneError('the list expired', { cause: error }) : error;
    }
  }

  async watch(resourceVersion: string, on: (change: Change<T>) => void, signal: AbortSignal): Promise<void> {
    const query = {
      resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds: watchSeconds,
      labelSelector: this.#labelSelector,
    };
    let abort: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const callback = (type: string, object: T): void => {
          if (type === 'ERROR') reject(refusal(object));
          else if (type === 'BOOKMARK') on({ type, resourceVersion: object.metadata?.resourceVersion ?? resourceVersion });
          else if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') on({ type, object });
        };
        const done = (error: unknown): void => {
          if (error === null || error === undefined) resolve();
          else reject(statusOf(error) === gone ? new GoneError('the version is too old') : asError(error));
        };
        // Its default limit, which its types hide, is shorter than the time between bookmarks.
        const watch = Object.assign(new Watch(this.#config) as object, { requestTimeoutMs: this.#silenceMs }) as unknown as Watch;
        watch.watch(pathOf(this.#kind, this.#namespace), query, callback, done).then((controller) => {
          abort = () => controller.abort();
          if (signal.aborted) abort();
          signal.addEventListener('abort', abort, { once: true });
        }, reject);
      });
    } finally {
      if (abort) {
        signal.removeEventListener('abort', abort);
        abort();
      }
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(JSON.stringify(error)));

/** The error in an ERROR event of a watch, which carries a Status object. */
function refusal(status: unknown): Error {
  const { code, message } = status as { code?: number; message?: string };
  return code === gone ? new GoneError(message ?? 'the version is too old') : new Error(message ?? JSON.stringify(status));
}
