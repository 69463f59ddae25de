/** Reports every request that client-node makes to one API server, by watching the HTTP client through which all of them go. */
import { subscribe } from 'node:diagnostics_channel';

export interface ApiCall {
  /** As named in roles: get, list, watch, create, update, patch, delete. */
  readonly verb: string;
  /** As named in roles, such as `jobs` or `sweeps/status`. */
  readonly resource: string;
  /** HTTP status, or `error` if there was no response. */
  readonly code: string;
}

interface Request {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
}

/** @returns undefined for a path that is not a resource, such as /version */
export function readApiCall({ method, path }: Pick<Request, 'method' | 'path'>): Omit<ApiCall, 'code'> | undefined {
  const [place = '', query = ''] = path.split('?');
  const parts = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/(?:namespaces\/[^/]+\/)?([a-z]+)(?:\/([^/]+)(?:\/([a-z]+))?)?$/.exec(
    place,
  );
  if (parts === null) return undefined;
  const [, plural = '', name, subresource] = parts;
  const isWatch = /(^|&)watch=(true|1)/.test(query);
  const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
  const verb = verbs[method] ?? (isWatch ? 'watch' : name === undefined ? 'list' : 'get');
  return { verb, resource: subresource === undefined ? plural : `${plural}/${subresource}` };
}

/** @param server URL of the API server; requests to others are ignored */
export function watchApiCalls(server: string, on: (call: ApiCall) => void): void {
  const { origin } = new URL(server);
  const tell = (request: Request, code: string): void => {
    if (new URL(request.origin).origin !== origin) return;
    const call = readApiCall(request);
    if (call !== undefined) on({ ...call, code });
  };
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as { request: Request; response: { statusCode: number } };
    tell(request, String(response.statusCode));
  });
  subscribe('undici:request:error', (message) => {
    tell((message as { request: Request }).request, 'error');
  });
}
