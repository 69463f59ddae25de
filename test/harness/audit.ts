/** What service accounts asked of an API server, from its audit log. */
import { readFile } from 'node:fs/promises';

/** Every request of a service account, without bodies; nothing of anybody else. */
export const auditPolicy = {
  ...{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'] },
  rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
};

export interface AuditedCall {
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  /** With its subresource, as in roles; empty for what is no resource. */
  readonly resource: string;
  readonly name: string;
  readonly code: number;
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

function callOf({ verb, user, objectRef, responseStatus }: AuditEvent): AuditedCall {
  const { apiGroup: group = '', resource: plural = '', subresource, name = '' } = objectRef ?? {};
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return { user: user.username, verb, group, resource, name, code: responseStatus?.code ?? 0 };
}

export async function auditedCalls(file: string, user: string): Promise<readonly AuditedCall[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.endsWith('}'));
  return lines.map((line) => callOf(JSON.parse(line) as AuditEvent)).filter((call) => call.user === user);
}
