import { expect, it } from 'vitest';
import { readApiCall } from './api-calls.ts';

it.each([
  ['GET', '/apis/ncsweep.dev/v1alpha1/sweeps?limit=500', 'list', 'sweeps'],
  ['GET', '/apis/batch/v1/jobs?resourceVersion=1&watch=true', 'watch', 'jobs'],
  ['POST', '/apis/batch/v1/namespaces/lab/jobs?fieldManager=x', 'create', 'jobs'],
  ['DELETE', '/apis/batch/v1/namespaces/lab/jobs/a', 'delete', 'jobs'],
  ['PATCH', '/apis/ncsweep.dev/v1alpha1/namespaces/lab/sweeps/a/status', 'patch', 'sweeps/status'],
  ['GET', '/apis/coordination.k8s.io/v1/namespaces/lab/leases/x', 'get', 'leases'],
  ['PUT', '/apis/coordination.k8s.io/v1/namespaces/lab/leases/x', 'update', 'leases'],
  ['GET', '/api/v1/pods', 'list', 'pods'],
])('%s %s is to %s %s', (method, path, verb, resource) => {
  expect(readApiCall({ method, path })).toEqual({ verb, resource });
});

it('leaves out what is no resource', () => {
  expect(readApiCall({ method: 'GET', path: '/version' })).toBeUndefined();
});
