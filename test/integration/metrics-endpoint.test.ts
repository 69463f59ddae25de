/** Who can read the metrics: the machine itself, those who show the token, or anyone, as the install says. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { serveMetrics, type MetricsAddress } from '@ncsweep/orchestrator/metrics-endpoint';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeAuthority } from '../harness/authority.ts';

const exposition = { contentType: 'text/plain', text: () => Promise.resolve('ncsweep_leader 1\n') };
/** Longer than vitest's second, which a busy machine needs for two handshakes. */
const patience = { timeout: 60_000 };
let folder = '';
let server: Server | undefined;
const warned: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-metrics-'));
  warned.length = 0;
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes a secret's files. @returns the authority that readers trust */
async function writeSecret(): Promise<string> {
  const { files, certificate } = await makeAuthority(folder);
  await cp(files.certificate, path.join(folder, 'tls.crt'));
  await cp(files.key, path.join(folder, 'tls.key'));
  await writeFile(path.join(folder, 'token'), 'sesame\n');
  return certificate;
}

async function start(place: Partial<MetricsAddress>, renewEveryMs?: number): Promise<number> {
  const whole = { host: '127.0.0.1', port: 0, secretFolder: undefined, ...place };
  server = await serveMetrics(whole, exposition, (error) => warned.push(error.message), renewEveryMs);
  await vi.waitFor(() => expect(server?.listening).toBe(true), patience);
  return (server.address() as AddressInfo).port;
}

/** What a TLS socket can say. */
interface Secured {
  getPeerCertificate(): { readonly serialNumber: string };
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  /** Serial number of the server's certificate. */
  readonly serial: string;
}

const ask = (port: number, ca: string, authorization?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = authorization === undefined ? {} : { authorization };
    const asking = request({ host: '127.0.0.1', port, path: '/metrics', ca, headers, agent: false }, (answer) => {
      const { serialNumber } = (answer.socket as unknown as Secured).getPeerCertificate();
      let text = '';
      answer.on('data', (data: Buffer) => (text += data.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode, text, serial: serialNumber }));
    });
    asking.on('error', reject);
    asking.end();
  });

it('serves them to whoever shows the token, over TLS', async () => {
  const ca = await writeSecret();
  const port = await start({ secretFolder: folder });
  expect(await ask(port, ca, 'Bearer sesame')).toMatchObject({ status: 200, text: 'ncsweep_leader 1\n' });
  for (const wrong of [undefined, 'Bearer ', 'Bearer sesam', 'Bearer sesame!', 'Basic sesame', 'sesame'])
    expect(await ask(port, ca, wrong), String(wrong)).toMatchObject({ status: 401, text: '' });
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
});

it('opens to nobody while the token is empty or missing', async () => {
  const ca = await writeSecret();
  const port = await start({ secretFolder: folder });
  await writeFile(path.join(folder, 'token'), '');
  expect((await ask(port, ca, 'Bearer ')).status).toBe(401);
  await rm(path.join(folder, 'token'));
  expect((await ask(port, ca, 'Bearer sesame')).status).toBe(500);
});

it(
  'takes a renewed token and certificate into use, and keeps the certificate while the new one is broken',
  { timeout: 200_000 },
  async () => {
    const first = await writeSecret();
    const port = await start({ secretFolder: folder }, 20);
    const { serial } = await ask(port, first, 'Bearer sesame');
    const second = await writeSecret();
    await writeFile(path.join(folder, 'token'), 'other');
    await vi.waitFor(async () => expect((await ask(port, second, 'Bearer other')).serial).not.toBe(serial), patience);
    const { serial: renewed } = await ask(port, second, 'Bearer other');
    const key = await readFile(path.join(folder, 'tls.key'));
    await writeFile(path.join(folder, 'tls.key'), 'none');
    await vi.waitFor(() => expect(warned.join('\n')).toContain('the earlier certificate stays in use'), patience);
    expect((await ask(port, second, 'Bearer other')).serial).toBe(renewed);
    await writeFile(path.join(folder, 'tls.key'), key);
  },
);

it('by default answers on this machine only', async () => {
  const port = await start({});
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toBe('ncsweep_leader 1\n');
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  const outside = Object.values(networkInterfaces()).flatMap((each = []) =>
    each.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  );
  for (const address of outside) await expect(fetch(`http://${address}:${port}/metrics`)).rejects.toThrow();
});

it('says so when there is no certificate', async () => {
  await expect(start({ secretFolder: folder })).rejects.toThrow(/tls\.crt/);
});
