/** Short-lived credentials for a token in a file, as in pods: the token is sent, its answer used, and a new token picked up. */
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { storeAt } from '@ncsweep/protocol/store/open-store';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../harness/local-run.ts';

/** Gives each token its own credentials, and objects for these; they expire at once, so that every request asks for new ones. */
class TokenServices {
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));
  /** Tokens with which credentials were requested. */
  readonly asked: string[] = [];
  /** Tokens whose credentials read an object. */
  readonly read: string[] = [];

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const expiration = new Date(Date.now() - 1000).toISOString();
    if (request.url === '/credentials') {
      const token = request.headers.authorization ?? '';
      this.asked.push(token);
      const keys = { AccessKeyId: 'key', SecretAccessKey: 'secret', Token: `session of ${token}`, Expiration: expiration };
      response.end(JSON.stringify(keys));
    } else if (form.get('Action') === 'AssumeRoleWithWebIdentity' && form.get('RoleArn') === role) {
      const token = form.get('WebIdentityToken') ?? '';
      this.asked.push(token);
      response.end(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>key</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session of ${token}</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
    } else this.#object(request, response);
  }

  #object(request: IncomingMessage, response: ServerResponse): void {
    const [, token] = /^session of (.*)$/.exec(String(request.headers['x-amz-security-token'])) ?? [];
    if (token === undefined || !request.headers.authorization?.includes('Credential=key/')) {
      response.writeHead(403).end();
      return;
    }
    this.read.push(token);
    response.end('content');
  }
}

const role = 'arn:aws:iam::123456789012:role/ncsweep';
let folder = '';
let services: TokenServices;
let url = '';
const before = { ...process.env };
beforeAll(async () => {
  folder = await temporaryFolder();
  services = new TokenServices();
  url = await services.start();
});
afterEach(() => {
  process.env = { ...before };
});
afterAll(async () => {
  services.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('credentials for a token in a file', () => {
  it.each<[string, (file: string) => Record<string, string>]>([
    [
      'of the security token service',
      (file) => ({ AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ENDPOINT_URL_STS: url, AWS_REGION: 'us-east-1' }),
    ],
    [
      'of an address',
      (file) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials`, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file }),
    ],
  ])('%s are used, and asked for again with the token that stands there then', async (name, variables) => {
    const token = path.join(folder, name.replaceAll(' ', '-'));
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    Object.assign(process.env, variables(token));
    const store = await storeAt(`s3://bucket/lab?endpoint=${url}&use_path_style=true`);
    for (const each of [`first ${name}`, `second ${name}`]) {
      await writeFile(token, each);
      expect(new TextDecoder().decode(await store.get('v1/a'))).toBe('content');
      expect([services.asked.at(-1), services.read.at(-1)]).toEqual([each, each]);
    }
  });
});
