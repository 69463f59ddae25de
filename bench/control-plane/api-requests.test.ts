import { expect, it } from 'vitest';
import type { AuditedCall } from '../../test/harness/audit.ts';
import { requestsBetween } from './api-requests.ts';

const call = (agent: string, verb: string, resource: string, atMs = 5, code = 200): AuditedCall => ({
  user: 'admin',
  agent,
  verb,
  group: '',
  resource,
  name: '',
  code,
  atMs,
});

it('counts requests by who asked, and nothing of the observer', () => {
  const calls = [
    call('kube-controller-manager/v1 (linux) x/job-controller', 'create', 'pods', 5, 201),
    call('kube-controller-manager/v1 (linux) x/job-controller', 'create', 'pods', 5, 409),
    call('undici', 'watch', 'sweeps'),
    call('', 'list', 'pods'),
    call('', 'patch', 'pods/status'),
    call('', 'create', 'jobs', 5, 201),
  ];
  expect(requestsBetween(calls, 0, 10)).toEqual({
    total: 5,
    of: { controllers: 2, orchestrator: 1, nodes: 1, client: 1 },
    made: { pods: 1, jobs: 1 },
  });
});

it('counts from the first moment to before the last', () => {
  const calls = [4, 5, 9, 10].map((atMs) => call('kwok/v1', 'update', 'leases', atMs));
  expect(requestsBetween(calls, 5, 10).total).toBe(2);
});

it('a client that nobody knows is an error, not a gap in the sum', () => {
  expect(() => requestsBetween([call('curl/8', 'get', 'pods')], 0, 10)).toThrow('"curl/8"');
});
