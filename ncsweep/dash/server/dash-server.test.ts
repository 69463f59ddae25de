import { request, type IncomingHttpHeaders } from 'node:http';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { commitFake, parkFake } from '@ncsweep/orchestrator/testing/fake-results';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DashSweeps } from '../dash-sweeps.ts';
import { WatchedSweep } from '../watched-sweep.ts';
import { unpackSweep } from '../state/packed.ts';
import { DashServer } from './dash-server.ts';

/** A name and a question as somebody might write who means no good. */
const sweep = { ...exampleSweep, name: 'a<script>alert(1)</script>', question: '"><img src=x onerror=alert(1)>', seeds: [1] };
const plan = planSweep(sweep, 'wasm', 100);
const cells = [...plan.cells.keys()];

let store: MemoryStore;
let sweeps: DashSweeps;
let watched: WatchedSweep;
let server: DashServer;
let addresses: string[];
beforeEach(async () => {
  store = new MemoryStore();
  addresses = [];
  const found = { plan, store, storeLocation: store.location, uid: 'local-x', origin: 'here', scienceVersions: {} } as const;
  sweeps = new DashSweeps({ names: () => Promise.resolve([]), find: () => Promise.reject(new Error('not asked')) });
  watched = new WatchedSweep(found, sweeps.clock, sweeps.origin);
  sweeps.add(watched);
  server = await DashServer.start(sweeps, { onAddress: (address) => addresses.push(address) });
});
afterEach(() => server.close('over'));

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: server.port, path, headers, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asking.on('error', reject).end();
  });

const tokenPath = (): string => addresses.at(-1)!.replace(/^http:\/\/[^/]+/, '');

async function cookie(): Promise<Record<string, string>> {
  const { headers } = await ask(tokenPath());
  return { cookie: headers['set-cookie']![0]!.split(';')[0]! };
}

/** Collects the events of a stream until `count` have come. */
const events = (
  path: string,
  headers: Readonly<Record<string, string>>,
  count: number,
): Promise<{ event: string; id: string; data: string }[]> =>
  new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const found = [...text.matchAll(/event: (.*)\nid: (.*)\ndata: (.*)\n\n/g)].map(([, event, id, data]) => ({
          event: event!,
          id: id!,
          data: data!,
        }));
        if (found.length < count) return;
        asking.destroy();
        resolve(found);
      });
    });
    asking.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error))).end();
  });

describe('who gets in', () => {
  it('is the first browser with the address, and then the one with its cookie', async () => {
    expect((await ask('/')).status).toBe(403);
    expect((await ask('/api/sweeps')).status).toBe(403);
    const known = await cookie();
    expect((await ask('/', known)).status).toBe(200);
    const { headers } = await ask(tokenPath());
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('learns of a fresh address when a used one is tried, one at a time', async () => {
    const [first] = addresses;
    await cookie();
    expect((await ask(first!.replace(/^http:\/\/[^/]+/, ''))).status).toBe(403);
    await ask('/');
    expect(addresses).toHaveLength(2);
    expect(addresses[1]).not.toBe(first);
    expect((await ask(tokenPath())).headers['set-cookie']).toBeDefined();
  });

  it('keeps the cookie from scripts and other sites', async () => {
    const { headers } = await ask(tokenPath());
    expect(headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  });

  it('is nobody under a foreign name, even with the cookie', async () => {
    const known = await cookie();
    expect((await ask('/api/sweeps', { ...known, host: 'rebound.example' })).status).toBe(421);
  });

  it('changes nothing', async () => {
    const known = await cookie();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) expect((await ask('/api/sweeps', known, method)).status).toBe(405);
  });
});

describe('what is served', () => {
  it('allows no script, style or request but its own, in every answer', async () => {
    const known = await cookie();
    for (const path of ['/', '/style.css', '/dash/page/main.js', '/api/sweeps', '/nothing', '/api/sweeps/x/data']) {
      const { headers } = await ask(path, known);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
      expect(policy).not.toMatch(/unsafe|\*|http:/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    const page = (await ask('/', known)).body.toString();
    expect(page).not.toMatch(/<script(?![^>]* src="\/)/);
    expect(page).not.toMatch(/https?:|<style|\son\w+=/);
  });

  it('carries names as data, never as markup', async () => {
    const known = await cookie();
    const lines = await ask('/api/sweeps', known);
    expect(lines.headers['content-type']).toBe('application/json');
    expect(JSON.parse(lines.body.toString())).toMatchObject([{ name: sweep.name }]);
    const { body, headers } = await ask(`/api/sweeps/${encodeURIComponent(sweep.name)}/data`, known);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(unpackSweep(Uint8Array.from(body).buffer).head.question).toBe(sweep.question);
  });

  it.each([
    ['/api/sweeps/gone/data', 404],
    ['/api/sweeps/../../etc/passwd', 404],
    ['/dash/page/../../../package.json', 404],
    ['/api/sweeps/%/data', 404],
  ])('answers %s with %i', async (path, status) => {
    expect((await ask(path, await cookie())).status).toBe(status);
  });

  it('tells the story of a cell, and has none for a number beyond', async () => {
    const known = await cookie();
    await parkFake(store, cells[0]!);
    const of = `/api/sweeps/${encodeURIComponent(sweep.name)}/cell`;
    const story = JSON.parse((await ask(`${of}/0`, known)).body.toString()) as unknown;
    expect(story).toMatchObject({ cellId: cells[0], state: 'parked', failure: { logTail: 'epoch 3 loss NaN' } });
    expect((await ask(`${of}/99999`, known)).status).toBe(404);
  });
});

describe('the stream of a browser', () => {
  it('tells what changes after the cursor, and goes on from the last id after a break', async () => {
    const known = await cookie();
    await watched.followRun();
    const start = `/api/events?since=${sweeps.origin}.${sweeps.clock.version}`;
    const coming = events(start, known, 1);
    await commitFake(plan, store, cells[0]!);
    await watched.followRun();
    const [first] = await coming;
    expect(first).toMatchObject({ event: 'changes' });
    expect(JSON.parse(first!.data)).toMatchObject([{ sweep: sweep.name, cells: [0], states: [2] }]);
    // Nobody listens while this happens.
    await commitFake(plan, store, cells[1]!);
    await watched.followRun();
    const [missed] = await events('/api/events', { ...known, 'last-event-id': first!.id }, 1);
    expect(JSON.parse(missed!.data)).toMatchObject([{ states: [2] }]);
    expect((JSON.parse(missed!.data) as { cells: number[] }[])[0]!.cells).toHaveLength(1);
  });

  it('says that all must be read anew when the cursor is of another start', async () => {
    const [reset] = await events('/api/events', { ...(await cookie()), 'last-event-id': 'other.5' }, 1);
    expect(reset).toMatchObject({ event: 'reset', id: `${sweeps.origin}.${sweeps.clock.version}` });
  });
});
