/** The requests that an API server received, from its audit log. */
import { readFile } from 'node:fs/promises';

/** Whose requests are logged: tests of rights need those of service accounts, tests of costs everybody's. */
export type Audited = 'service accounts' | 'everybody';

/** Logs requests without bodies: a watch when it begins, everything else when it is answered. */
export function auditPolicy(audited: Audited): object {
  const level = 'Metadata';
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: audited === 'everybody' ? [{ level }] : [{ level, userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
  };
}

export interface AuditedCall {
  readonly user: string;
  /** What the client calls itself: `kube-scheduler/v1.36.3 (linux/amd64) …`; empty if it sends no name. */
  readonly agent: string;
  readonly verb: string;
  readonly group: string;
  /** With its subresource, as in roles; empty for paths that are not resources. */
  readonly resource: string;
  readonly name: string;
  readonly code: number;
  /** When it arrived, ms since 1970. */
  readonly atMs: number;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

function callOf({
  verb,
  user,
  userAgent: agent = '',
  requestReceivedTimestamp,
  objectRef,
  responseStatus,
}: AuditEvent): AuditedCall {
  const { apiGroup: group = '', resource: plural = '', subresource, name = '' } = objectRef ?? {};
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const atMs = Date.parse(requestReceivedTimestamp);
  return { user: user.username, agent, verb, group, resource, name, code: responseStatus?.code ?? 0, atMs };
}

/** @param user only this one's */
export async function auditedCalls(file: string, user: string): Promise<readonly AuditedCall[]> {
  return (await auditedEvents(file)).map(callOf).filter((call) => call.user === user);
}

/** Everybody's requests, each once: for a watch, its beginning. */
export async function auditedRequests(file: string): Promise<readonly AuditedCall[]> {
  const once = (await auditedEvents(file)).filter(({ stage, verb }) => (stage === 'ResponseStarted') === (verb === 'watch'));
  return once.map(callOf);
}

async function auditedEvents(file: string): Promise<readonly AuditEvent[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}
