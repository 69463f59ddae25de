/**
 * `/metrics` for Prometheus. Its labels name Sweeps and namespaces, so it is either bound to the loopback, or served over TLS to
 * those who show the install's token, or opened on purpose.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as SecureServer } from 'node:https';
import path from 'node:path';
import type { Address } from './probes.ts';

export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MetricsAddress extends Address {
  /** Files `token`, `tls.crt` and `tls.key`: what readers must show, and the server's certificate. Undefined: plain, for anyone. */
  readonly secretFolder: string | undefined;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @param header value of `Authorization` */
async function showsToken(header: string | undefined, secretFolder: string): Promise<boolean> {
  // Read at every request: a token that was replaced counts at once, and Prometheus asks twice a minute.
  const token = (await readFile(path.join(secretFolder, 'token'), 'utf8')).trim();
  return token !== '' && timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function answers(exposition: Exposition, secretFolder: string | undefined): RequestListener {
  return (request, response) => {
    const answer = async (): Promise<void> => {
      if (request.url !== '/metrics') response.writeHead(404).end();
      else if (secretFolder !== undefined && !(await showsToken(request.headers.authorization, secretFolder)))
        response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      else {
        const text = await exposition.text();
        response.writeHead(200, { 'content-type': exposition.contentType }).end(text);
      }
    };
    answer().catch(() => response.writeHead(500).end());
  };
}

/** A file that is being written can be found empty, and TLS would take it for none. */
async function textOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  if (text.trim() === '') throw new Error(`${file} is empty`);
  return text;
}

const certificateIn = async (folder: string): Promise<{ readonly cert: string; readonly key: string }> => ({
  cert: await textOf(path.join(folder, 'tls.crt')),
  key: await textOf(path.join(folder, 'tls.key')),
});

/** Takes a renewed certificate into use; one that cannot be read leaves the earlier one. */
function renew(server: SecureServer, folder: string, renewEveryMs: number, onError: (error: Error) => void): void {
  const timer = setInterval(() => {
    certificateIn(folder)
      .then((certificate) => server.setSecureContext(certificate))
      .catch((cause: unknown) => onError(new Error(`the earlier certificate stays in use: ${String(cause)}`, { cause })));
  }, renewEveryMs);
  timer.unref();
}

/**
 * @param onError told when a renewed certificate cannot be used
 * @param renewEveryMs how soon a renewed certificate is used
 * @throws if the certificate cannot be read
 */
export async function serveMetrics(
  { host, port, secretFolder }: MetricsAddress,
  exposition: Exposition,
  onError: (error: Error) => void,
  renewEveryMs = 60_000,
): Promise<Server> {
  const listener = answers(exposition, secretFolder);
  let server: Server = createHttpServer(listener);
  if (secretFolder !== undefined) {
    const secure = createHttpsServer(await certificateIn(secretFolder), listener);
    renew(secure, secretFolder, renewEveryMs, onError);
    server = secure;
  }
  server.listen(host === undefined ? { port } : { port, host });
  server.unref();
  return server;
}
