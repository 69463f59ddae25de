/** What the chart lets people specify for their pods, unless an administrator allows more. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { PodPolicy } from '../cluster/jobs/pod-policy.ts';

const values = readFileSync(new URL('../../charts/ncsweep/values.yaml', import.meta.url), 'utf8');

export const { podPolicy: chartPodPolicy } = parse(values) as { readonly podPolicy: PodPolicy };
