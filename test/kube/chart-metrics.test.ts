/** How the chart serves metrics: installed by helm on a real control plane, asked with the secret that it made. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Metrics } from '@ncsweep/orchestrator/cluster/metrics';
import { serveMetrics } from '@ncsweep/orchestrator/metrics-endpoint';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chart, renderChart, type ChartObject } from '../harness/chart.ts';
import { ControlPlane } from '../harness/control-plane.ts';
import { simulatedNamespace } from '../harness/simulated-nodes.ts';
import { serverProgram } from '../harness/server-process.ts';

let plane: ControlPlane;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-chart-metrics-'));
  plane = await ControlPlane.start();
});
afterAll(async () => {
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

const needed = ['store.location=s3://bucket/prefix', 'nats.servers=nats://nats:4222'];
const render = (...set: string[]): Promise<ChartObject[]> => renderChart({ set: [...needed, ...set] });
const name = 'lab-orchestrator-metrics';

/** @returns what helm prints */
async function install(...more: string[]): Promise<string> {
  const place = ['--kubeconfig', plane.api.kubeconfig, '--namespace', simulatedNamespace];
  const set = [...needed, ...more].flatMap((value) => ['--set', value]);
  const { stdout } = await promisify(execFile)(serverProgram('helm'), ['upgrade', '--install', 'lab', chart, ...set, ...place]);
  return stdout;
}
async function secret(): Promise<Readonly<Record<string, string>>> {
  const { body } = await plane.api.call('GET', `/api/v1/namespaces/${simulatedNamespace}/secrets/${name}`);
  return body['data'] as Readonly<Record<string, string>>;
}
const decode = (text = ''): string => Buffer.from(text, 'base64').toString();

/** Asks as Prometheus does with the ServiceMonitor's settings. */
const scrape = (port: number, servername: string, ca: string, token: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asking = request({ host: '127.0.0.1', port, path: '/metrics', servername, ca, headers, agent: false }, (answer) => {
      let text = `${answer.statusCode}\n`;
      answer.on('data', (data: Buffer) => (text += data.toString()));
      answer.on('end', () => resolve(text));
    });
    asking.on('error', reject);
    asking.end();
  });

const find = (objects: readonly ChartObject[], kind: string): ChartObject | undefined =>
  objects.find((each) => each.kind === kind);

describe('metrics', () => {
  it('are for the pod itself unless the install says otherwise', async () => {
    const objects = await render();
    expect(objects.filter(({ metadata }) => metadata.name === name)).toEqual([]);
    expect(JSON.stringify(find(objects, 'Deployment'))).not.toMatch(/NCSWEEP_METRICS_(HOST|SECRET)/);
    expect(await install()).toMatch(/port-forward deploy\/lab-orchestrator 8081/);
  });

  it('are read with the token and certificate of the secret, which stay over upgrades', async () => {
    expect(await install('metrics.service.enabled=true')).toContain(
      `https://${name}.${simulatedNamespace}.svc:8081/metrics, with the token of Secret ${name}`,
    );
    const made = await secret();
    await install('metrics.service.enabled=true', 'orchestrator.replicas=1');
    expect(await secret()).toEqual(made);
    for (const file of ['token', 'tls.crt', 'tls.key']) await writeFile(path.join(folder, file), decode(made[file]));
    const server = await serveMetrics({ host: '127.0.0.1', port: 0, secretFolder: folder }, new Metrics(), () => undefined);
    try {
      await vi.waitFor(() => expect(server.listening).toBe(true), { timeout: 120_000 });
      const { port } = server.address() as AddressInfo;
      const host = `${name}.${simulatedNamespace}.svc`;
      const [ca, token] = [decode(made['ca.crt']), decode(made['token'])];
      expect(token).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(await scrape(port, host, ca, token)).toMatch(/^200\n(.|\n)*ncsweep_leader 0/);
      expect(await scrape(port, host, ca, 'x')).toBe('401\n');
      await expect(scrape(port, `${name}.elsewhere.svc`, ca, token)).rejects.toThrow(/altnames/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('have a certificate of the install’s own, or none', async () => {
    const own = await render('metrics.service.enabled=true', 'metrics.tlsSecretName=from-cert-manager');
    expect(Object.keys(find(own, 'Secret')?.data ?? {})).toEqual(['token']);
    expect(JSON.stringify(find(own, 'Deployment'))).toContain('"name":"from-cert-manager","items":[{"key":"tls.crt"');
    const open = await render('metrics.service.enabled=true', 'metrics.authentication=false');
    expect(open.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(JSON.stringify(find(open, 'Deployment'))).not.toContain('NCSWEEP_METRICS_SECRET');
    expect(open.filter(({ kind, metadata }) => kind === 'Service' && metadata.name === name)).toHaveLength(1);
  });

  it('are found by the Prometheus operator, by the labels that it wants, and every alert is about one that exists', async () => {
    const objects = await render('monitoring.enabled=true', 'monitoring.labels.release=prometheus');
    expect(find(objects, 'ServiceMonitor')).toMatchObject({
      metadata: { labels: { release: 'prometheus' } },
      spec: {
        selector: { matchLabels: find(objects, 'Service')?.metadata.labels },
        endpoints: [
          {
            port: 'metrics',
            scheme: 'https',
            authorization: { credentials: { name, key: 'token' } },
            tlsConfig: { serverName: `${name}.lab.svc`, ca: { secret: { name, key: 'ca.crt' } } },
          },
        ],
      },
    });
    const rules = JSON.stringify((find(objects, 'PrometheusRule') as unknown as { spec: object }).spec);
    const known = await new Metrics().text();
    for (const [metric] of rules.matchAll(/ncsweep_[a-z_]+/g))
      expect(known).toContain(`# TYPE ${metric.replace(/_bucket$/, '')} `);
  });
});
