/** Services that support only part of S3: the store does without what they refuse, or reports it with a remedy. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailableError } from './object-store.ts';
import { openStore } from './open-store.ts';

type Habit = 'whole' | 'refuses checksums' | 'refuses conditions' | 'ignores conditions';

const isChecksum = (name: string): boolean => /^x-amz-(checksum|sdk-checksum|trailer)/.test(name);

/** A bucket in memory. */
class Service {
  readonly #habit: Habit;
  readonly #objects = new Map<string, Buffer>();
  readonly #server: Server;
  /** Number of puts that came with a checksum. */
  checked = 0;

  constructor(habit: Habit) {
    this.#habit = habit;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `s3://bucket/lab?endpoint=http://127.0.0.1:${port}&use_path_style=true`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = new URL(request.url ?? '', 'http://x').pathname;
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const refuse = (status: number, code: string): void => {
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
    };
    if (request.method === 'PUT') {
      const hasChecksum = Object.keys(request.headers).some(isChecksum);
      this.checked += hasChecksum ? 1 : 0;
      const condition = request.headers['if-none-match'];
      if (hasChecksum && this.#habit === 'refuses checksums') {
        refuse(501, 'NotImplemented');
        return;
      }
      if (condition !== undefined && this.#habit === 'refuses conditions') {
        refuse(501, 'NotImplemented');
        return;
      }
      if (condition === '*' && this.#objects.has(key) && this.#habit !== 'ignores conditions') {
        refuse(412, 'PreconditionFailed');
        return;
      }
      this.#objects.set(key, body);
      response.writeHead(200, { etag: '"1"' }).end();
    } else if (request.method === 'DELETE') {
      this.#objects.delete(key);
      response.writeHead(204).end();
    } else {
      const found = this.#objects.get(key);
      if (found === undefined) {
        refuse(404, 'NoSuchKey');
        return;
      }
      response.writeHead(200, { 'content-length': found.length, 'last-modified': new Date(0).toUTCString() }).end(found);
    }
    return undefined;
  }
}

let service: Service | undefined;
async function open(habit: Habit) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
  service = new Service(habit);
  return openStore(await service.start(), 'write');
}
afterEach(() => {
  service?.stop();
  vi.unstubAllEnvs();
});

describe('a service', () => {
  it('that takes checksums gets them', async () => {
    await (await open('whole')).put('v1/a', Buffer.from('a'));
    expect(service!.checked).toBeGreaterThan(0);
  });

  it('that refuses checksums gets none after the first, and decides races all the same', async () => {
    const store = await open('refuses checksums');
    const tried = service!.checked;
    expect(await store.putIfAbsent('v1/a', Buffer.from('first'))).toBe(true);
    expect(await store.putIfAbsent('v1/a', Buffer.from('second'))).toBe(false);
    await store.put('v1/b', Buffer.from('b'));
    expect(Buffer.from((await store.get('v1/a'))!).toString()).toBe('first');
    expect(service!.checked).toBe(tried);
    expect(tried).toBeLessThanOrEqual(1);
  });

  it.each([
    ['refuses conditions', 'refuses a conditional put \\(If-None-Match: \\*\\).*use a service that supports it'],
    ['ignores conditions', 'overwrites on a conditional put \\(If-None-Match: \\*\\).*Remedy: use a service that honours it'],
  ] as const)('that %s is refused at once, with the cause and what to do', async (habit, text) => {
    const error: unknown = await open(habit).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect((error as StoreUnavailableError).message).toMatch(new RegExp(text));
    expect((error as StoreUnavailableError).isTransient).toBe(false);
  });
});
