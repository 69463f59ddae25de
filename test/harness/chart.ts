/** The chart as helm renders it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { serverProgram } from './server-process.ts';

/** The folder of the chart. */
export const chart = fileURLToPath(new URL('../../charts/ncsweep', import.meta.url));

export interface ChartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

interface Rendering {
  readonly release?: string;
  readonly namespace?: string;
  /** Values as KEY=VALUE. */
  readonly set: readonly string[];
  /** Values as KEY=JSON. */
  readonly setJson?: readonly string[];
}

/** Objects of a release, those of `helm test` included. @throws with helm's words */
export async function renderChart({ release = 'lab', namespace = 'lab', set, setJson = [] }: Rendering): Promise<ChartObject[]> {
  const values = [
    ...set.flatMap((value) => ['--set', value]),
    ...setJson.flatMap((value) => ['--set-json', value]),
    ...['--namespace', namespace],
  ];
  const { stdout } = await promisify(execFile)(serverProgram('helm'), ['template', release, chart, ...values]);
  return parseAllDocuments(stdout).flatMap((each) => (each.contents === null ? [] : [each.toJS() as ChartObject]));
}

const irregular: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networkpolicies',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
};

/** Where objects of this kind are created. */
export function collectionOf({ apiVersion, kind, metadata }: ChartObject): string {
  const plural = irregular[kind] ?? `${kind.toLowerCase()}s`;
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return metadata.namespace === undefined ? `${base}/${plural}` : `${base}/namespaces/${metadata.namespace}/${plural}`;
}
