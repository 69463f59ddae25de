/**
 * A proxy on loopback that stands before a real server and disturbs what passes: refusals, broken and hung connections, answers
 * that are lost, cut short or stop in the middle. The test decides what happens to each request, so every run meets the same
 * faults.
 */
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { Server } from 'node:net';
import { freePort } from './server-process.ts';

export type Fault =
  /** The proxy answers; the server never receives the request. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The connection breaks before the server receives the request. */
  | { readonly kind: 'reset' }
  /** Nothing is answered, and nothing is passed on. */
  | { readonly kind: 'hung' }
  /** The server carries out the request, and the connection breaks instead of the answer. */
  | { readonly kind: 'lost-answer' }
  /** The answer breaks off after half of its bytes. */
  | { readonly kind: 'truncated' }
  /** The answer's first bytes arrive, then nothing more, and the connection stays open. */
  | { readonly kind: 'half-open' }
  /** Passed on when the promise resolves. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> };

export interface Proxied {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

/** undefined: the request passes. */
export type Choose = (request: Proxied) => Fault | undefined;

interface Target {
  readonly port: number;
  /** Key and certificate of a server that speaks TLS; the proxy uses them, too. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export class FaultProxy {
  readonly port: number;
  choose: Choose = () => undefined;
  /** How often each kind of fault happened. */
  readonly met = new Map<Fault['kind'], number>();
  readonly #target: Target;
  readonly #tls: { readonly key: Buffer; readonly cert: Buffer } | undefined;
  readonly #server: Server & { closeAllConnections(): void };

  private constructor(port: number, target: Target) {
    this.port = port;
    this.#target = target;
    this.#tls = target.tls && { key: readFileSync(target.tls.key), cert: readFileSync(target.tls.cert) };
    const handle = (incoming: IncomingMessage, answer: ServerResponse): void => void this.#handle(incoming, answer);
    this.#server = this.#tls ? createTlsServer(this.#tls, handle) : createServer(handle);
    this.#server.on('connection', (socket) => socket.on('error', () => undefined));
  }

  static async start(target: Target): Promise<FaultProxy> {
    const proxy = new FaultProxy(await freePort(), target);
    await new Promise<void>((resolve) => proxy.#server.listen(proxy.port, '127.0.0.1', resolve));
    return proxy;
  }

  /** The same address, through this proxy. */
  before(location: string): string {
    return location.replace(`127.0.0.1:${this.#target.port}`, `127.0.0.1:${this.port}`);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { socket } = incoming;
    const { method = '', url = '' } = incoming;
    const fault = this.choose({ method, path: url });
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (fault === undefined) {
      this.#pass(incoming, Buffer.concat(chunks), answer);
      return;
    }
    this.met.set(fault.kind, (this.met.get(fault.kind) ?? 0) + 1);
    if (fault.kind === 'hung') return;
    if (fault.kind === 'refused') answer.writeHead(fault.status, fault.headers).end(fault.body);
    else if (fault.kind === 'reset') socket.destroy();
    else {
      if (fault.kind === 'held') await fault.until;
      this.#pass(incoming, Buffer.concat(chunks), answer, fault.kind);
    }
  }

  #pass(
    { method, url, headers: given, socket }: IncomingMessage,
    body: Buffer,
    answer: ServerResponse,
    fault?: Fault['kind'],
  ): void {
    // The whole body is already here.
    const { expect: _, ...headers } = given;
    const options = { host: '127.0.0.1', port: this.#target.port, method, path: url, headers };
    const onAnswer = (answered: IncomingMessage): void => disturb(answered, answer, fault);
    const outgoing = this.#tls ? httpsRequest({ ...options, ca: this.#tls.cert }, onAnswer) : httpRequest(options, onAnswer);
    outgoing.on('error', () => socket.destroy());
    answer.once('close', () => outgoing.destroy());
    outgoing.end(body);
  }
}

/** Passes the server's answer on, disturbed as requested. */
function disturb(given: IncomingMessage, answer: ServerResponse, fault: Fault['kind'] | undefined): void {
  const socket = answer.socket!;
  given.once('error', () => socket.destroy());
  if (fault === 'lost-answer') {
    given.resume().once('end', () => socket.destroy());
    return;
  }
  answer.writeHead(given.statusCode ?? 502, given.rawHeaders);
  // A watch may be silent for a long time.
  answer.flushHeaders();
  if (fault === 'half-open') {
    given.once('data', (first: Buffer) => answer.write(first)).resume();
    return;
  }
  if (fault === 'truncated') {
    const chunks: Buffer[] = [];
    given.on('data', (chunk: Buffer) => chunks.push(chunk));
    given.once('end', () => {
      const whole = Buffer.concat(chunks);
      answer.write(whole.subarray(0, whole.length >> 1), () => socket.destroy());
    });
    return;
  }
  given.pipe(answer);
}

/** Chooses by a seed: the n-th request for which `concerns` holds meets the same fault in every run. @param chances in [0,1], of each fault */
export function seeded(
  seed: number,
  chances: readonly (readonly [Fault, number])[],
  concerns: (request: Proxied) => boolean,
): Choose {
  let state = seed;
  return (request) => {
    if (!concerns(request)) return undefined;
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    let drawn = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    for (const [fault, chance] of chances) {
      if (drawn < chance) return fault;
      drawn -= chance;
    }
    return undefined;
  };
}

/** Disturbs the first requests that match, and lets all others pass. */
export function first(count: number, fault: Fault, concerns: (request: Proxied) => boolean): Choose {
  let left = count;
  return (request) => (left > 0 && concerns(request) && left-- > 0 ? fault : undefined);
}
