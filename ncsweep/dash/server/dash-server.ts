/** Serves the live page on this machine: its files, the sweeps, and one stream of changes to each browser. It only reads. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { DashSweeps } from '../dash-sweeps.ts';
import { EventStream } from './event-stream.ts';
import { cookieName, rule, securityHeaders, type Lock, type Ruling } from './guard.ts';
import { indexPage } from './index-page.ts';
import { pageModules } from './page-files.ts';
import { styleSheet } from './style.ts';

export interface ServeOptions {
  /** 0 or undefined: one that is free. */
  readonly port?: number | undefined;
  /** Further host names, with their port, by which browsers reach it, such as those of a forwarded port. */
  readonly hosts?: readonly string[] | undefined;
  /** Called with the address to open, and again with a fresh one when somebody comes by a used one. */
  readonly onAddress: (address: string) => void;
}

interface Answer {
  readonly type: string;
  readonly body: string | Uint8Array;
}

type OpenVisit = Extract<Ruling, { readonly kind: 'open' }>;

const json = (value: unknown): Answer => ({ type: 'application/json', body: JSON.stringify(value) });
const gzipped = promisify(gzip);
/** @returns what no sweep is called where the text does not decode */
function nameOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** From this size on an answer is compressed. */
const worthPacking = 2048;
/** How often streams look for changes: a fraction of their shortest pause, so that a change waits for little else. */
const tickMs = 50;

export class DashServer {
  readonly #sweeps: DashSweeps;
  readonly #server: Server;
  readonly #hosts: readonly string[];
  readonly #onAddress: (address: string) => void;
  readonly #session = randomBytes(24).toString('base64url');
  readonly #streams = new Set<{ readonly stream: EventStream; readonly response: ServerResponse }>();
  readonly #files: ReadonlyMap<string, Answer>;
  #token: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(sweeps: DashSweeps, { onAddress, hosts = [] }: ServeOptions) {
    this.#sweeps = sweeps;
    this.#hosts = hosts;
    this.#onAddress = onAddress;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#files = new Map<string, Answer>([
      ['/', { type: 'text/html; charset=utf-8', body: indexPage }],
      ['/style.css', { type: 'text/css; charset=utf-8', body: styleSheet }],
      ...pageModules().map(({ path, text }) => [path, { type: 'text/javascript; charset=utf-8', body: text }] as const),
    ]);
  }

  /** Listens on the loopback interface alone. @throws the system's error when the port is taken */
  static async start(sweeps: DashSweeps, options: ServeOptions): Promise<DashServer> {
    const server = new DashServer(sweeps, options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    server.#timer = setInterval(() => server.#tick(), tickMs);
    server.#offer();
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** @param words that browsers show: the page stays, and nothing more comes */
  async close(words: string): Promise<void> {
    clearInterval(this.#timer);
    for (const { stream } of this.#streams) await stream.end(performance.now(), words);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #offer(): void {
    this.#token = randomBytes(24).toString('base64url');
    this.#onAddress(`http://127.0.0.1:${this.port}/?token=${this.#token}`);
  }

  #tick(): void {
    const now = performance.now();
    for (const { stream } of this.#streams) stream.tick(now);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const { host, cookie, origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const lock: Lock = { port: this.port, hosts: this.#hosts, token: this.#token, session: this.#session };
    const { method, url } = request;
    const ruling = rule({ method, url, host, cookie, origin, site: typeof site === 'string' ? site : undefined }, lock);
    if (ruling.kind === 'refused') {
      // A person with a used address needs a new one; one that is still out serves as well.
      if (ruling.status === 403 && this.#token === undefined) this.#offer();
      response.writeHead(ruling.status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${ruling.reason}\n`);
      return;
    }
    if (ruling.kind === 'welcome') {
      this.#token = undefined;
      const kept = `${cookieName(this.port)}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
      // The page loads itself once more: a strict cookie is not sent along a redirect that another site began.
      response.writeHead(200, { 'set-cookie': kept, 'content-type': 'text/html; charset=utf-8', refresh: '0; url=/' }).end();
      return;
    }
    try {
      await this.#serve(ruling, request, response);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    const status = error instanceof NotFoundError ? 404 : 503;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: message }));
  }

  async #serve({ path, query }: OpenVisit, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === '/api/events') {
      this.#stream(request, response, query);
      return;
    }
    const answer = this.#files.get(path) ?? (await this.#api(path));
    const { type } = answer;
    const isLarge = answer.body.length > worthPacking && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    const body = isLarge ? await gzipped(answer.body, { level: 3 }) : answer.body;
    response.writeHead(200, { 'content-type': type, ...(isLarge && { 'content-encoding': 'gzip' }) });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #api(path: string): Promise<Answer> {
    if (path === '/api/sweeps') return json(await this.#sweeps.lines());
    const [, name = '', what = '', detail = ''] = /^\/api\/sweeps\/([^/]+)\/(\w+)(?:\/(\d{1,9}))?$/.exec(path) ?? [];
    if (name === '') throw new NotFoundError(`${path}: the page has no such address`);
    const sweep = await this.#sweeps.open(nameOf(name));
    switch (what) {
      case 'data':
        return { type: 'application/octet-stream', body: sweep.packed() };
      case 'verdicts':
        return json(await sweep.verdicts());
      case 'timeline':
        return json(await sweep.timeline());
      case 'cell':
        return json(await sweep.story(Number(detail)));
      default:
        throw new NotFoundError(`${path}: the page has no such address`);
    }
  }

  /** A browser sends the header when it comes back; at first it says by the query what it has read. */
  #stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const lastEventId = request.headers['last-event-id'] ?? query.get('since') ?? undefined;
    const stream = new EventStream(response, this.#sweeps, typeof lastEventId === 'string' ? lastEventId : undefined);
    const entry = { stream, response };
    this.#streams.add(entry);
    response.on('close', () => this.#streams.delete(entry));
  }
}
