/** What a kubelet asks: `/healthz` and `/readyz`. */
import { createServer, type Server } from 'node:http';

export interface Address {
  /** Undefined: every address of this machine. */
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Both answers say only whether this process is alive: restarting it would not bring back a store, NATS or an API server that is
 * down.
 * @param isAlive asked at every probe
 */
export function serveProbes({ host, port }: Address, isAlive: () => boolean): Server {
  const server = createServer((request, response) => {
    const isKnown = request.url === '/readyz' || request.url === '/healthz';
    response.writeHead(!isKnown ? 404 : isAlive() ? 200 : 503).end();
  });
  server.listen(host === undefined ? { port } : { port, host });
  server.unref();
  return server;
}
