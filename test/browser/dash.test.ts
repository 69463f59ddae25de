/** Looks at the live page in a real browser: every view in both themes and widths, keys, filters, a hundred thousand cells, and a line that breaks. */
import { mkdir } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { commitFake, parkFake } from '@ncsweep/orchestrator/testing/fake-results';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { DashSweeps } from 'ncsweep/dash/dash-sweeps';
import { countText } from 'ncsweep/dash/page/format';
import { DashServer } from 'ncsweep/dash/server/dash-server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectPage, type Inspection } from './inspect-page.ts';
import { launchBrowser } from './installed-browser.ts';

const timeout = 120_000;
const shots = path.resolve('out/screenshots');
const views = ['grid', 'runs', 'curves', 'workers', 'verdicts'] as const;

/** A connection that can be cut, in front of the server. */
class Line {
  readonly #to: () => number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(to: () => number) {
    this.#to = to;
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.#to(), '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].forEach((each) => each.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server!.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const large: Sweep = { ...exampleSweep, name: 'large', seeds: Array.from({ length: 1064 }, (_, i) => i + 1) };
const sweeps: Readonly<Record<string, Sweep>> = {
  example: { ...exampleSweep, question: `${exampleSweep.question} <b onclick="x">bold</b>` },
  large,
};
const plans = new Map<string, Plan>(Object.entries(sweeps).map(([name, sweep]) => [name, planSweep(sweep, 'wasm', 100)]));
const plan = plans.get('example')!;
const ids = [...plan.cells.keys()];
const failed = plan.evaluations.find(({ cells: [cell] }) => cell!.inputs.length === 2)!.cells[0]!.cellId;

const store = new MemoryStore();
let [token, server, browser]: [string, DashServer | undefined, Browser | undefined] = ['', undefined, undefined];
const line = new Line(() => server!.port);
const served = new DashSweeps({
  names: () => Promise.resolve(Object.keys(sweeps)),
  find: (name) =>
    Promise.resolve({
      plan: plans.get(name)!,
      store,
      storeLocation: 'a store',
      uid: `local-${name}`,
      origin: 'here',
      scienceVersions: {},
    }),
});
beforeAll(async () => {
  await mkdir(shots, { recursive: true });
  for (const cellId of ids.slice(0, -40)) if (cellId !== failed) await commitFake(plan, store, cellId);
  await parkFake(store, failed);
  await line.open();
  const onAddress = (address: string): void => {
    token = new URL(address).searchParams.get('token')!;
  };
  server = await DashServer.start(served, { hosts: [`127.0.0.1:${line.port}`], onAddress });
  browser = await launchBrowser();
}, timeout);
afterAll(async () => {
  await browser?.close();
  served.close();
  await server?.close('over');
  await line.cut();
});

/** A page that was let in; a second one waits for the fresh token. */
async function opened(hash: string, width = 1440, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  await fetch(`http://127.0.0.1:${server!.port}/`);
  await page.goto(`http://127.0.0.1:${line.port}/?token=${token}`);
  await page.locator('.tabs').waitFor({ timeout });
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  return page;
}

const settled = (page: Page): Promise<void> =>
  page
    .getByText(/of \d+ cells/)
    .first()
    .waitFor({ timeout });

describe('the live page', () => {
  it.each([390, 1440].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme }))))(
    'is whole, legible and quiet at $width px, $scheme',
    async ({ width, scheme }) => {
      const page = await opened('#/example/grid', width, scheme);
      const [requests, complaints]: [string[], string[]] = [[], []];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await settled(page);
      for (const view of views) {
        await page
          .getByRole('button', { name: view === 'verdicts' ? 'Verdicts so far' : view, exact: false })
          .first()
          .click();
        const ready = { grid: 'canvas', runs: '[role=gridcell]', curves: '.chart', workers: '.lanes, .empty', verdicts: '.card' }[
          view
        ];
        await page.locator(ready).first().waitFor({ timeout });
        const seen = await page.evaluate<Inspection>(inspectPage);
        await page.screenshot({ path: path.join(shots, `dash-${view}-${width}-${scheme}.png`), timeout });
        expect({ view, overflow: seen.overflow, faint: seen.faint }).toEqual({ view, overflow: 0, faint: [] });
      }
      expect(requests.filter((url) => !url.startsWith(`http://127.0.0.1:${line.port}/`))).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await page.locator('.question b').count()).toBe(0);
      await page.close();
    },
  );

  it('is used by keyboard: a view, the failed cell, its story, and back', async () => {
    const page = await opened('#/example/runs');
    await page.locator('[role=gridcell]').first().waitFor({ timeout });
    await page.locator('body').press('1');
    const map = page.getByRole('application', { name: /Map of \d+ cells/ });
    await map.waitFor({ timeout });
    await page.locator('.facts .is-parked').waitFor({ timeout });
    await map.press('f');
    await map.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Cell' });
    await panel.getByText('epoch 3 loss NaN').waitFor({ timeout });
    expect(await panel.getByText('ncsweep run FILE --retry-failed').count()).toBe(1);
    await page.screenshot({ path: path.join(shots, 'dash-cell.png'), timeout });
    await map.press('Escape');
    await panel.waitFor({ state: 'detached', timeout });
    await map.press('Home');
    await map.press('ArrowRight');
    expect(await page.locator('output').textContent()).toMatch(/plain seed 1 epoch \d+, .*, (done|failed|waiting)/);
    await page.close();
  });

  it('filters as --where does, and says what cannot be meant', async () => {
    const page = await opened('#/example/runs');
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.fill('training=robust state=parked,done seed=2');
    await page.getByText(/^\d+ of \d+ cells$/).waitFor({ timeout });
    const rows = page.locator('[role=row]:not(.title)');
    expect(await rows.first().textContent()).toContain('robust');
    await filter.fill('training=AT');
    await page.getByText('choose from plain, robust').waitFor({ timeout });
    await page.close();
  });

  it('shows a hundred thousand cells, with as many rows in the document as fit', async () => {
    const cells = plans.get('large')!.cells.size;
    expect(cells).toBeGreaterThan(100_000);
    const page = await opened('#/large/runs');
    await page
      .getByText(`of ${countText(cells)} cells`)
      .first()
      .waitFor({ timeout });
    await page.locator('[role=gridcell]').first().waitFor({ timeout });
    expect(await page.locator('[role=row]').count()).toBeLessThan(80);
    await page.locator('body').press('1');
    await page.getByRole('application', { name: `Map of ${cells} cells` }).waitFor({ timeout });
    await page.screenshot({ path: path.join(shots, 'dash-large.png'), timeout });
    await page.close();
  });

  it('says when the line breaks, keeps what it knew, and catches up', async () => {
    const page = await opened('#/example/grid');
    const done = page.locator('.facts li').first();
    await settled(page);
    await expect.poll(() => done.textContent(), { timeout }).toContain(String(ids.length - 41));
    await line.cut();
    await page.getByRole('alert').getByText('No connection to ncsweep since').waitFor({ timeout });
    expect(await done.textContent()).toContain(String(ids.length - 41));
    await commitFake(plan, store, ids.at(-40)!);
    await line.open();
    await page.getByRole('alert').waitFor({ state: 'detached', timeout });
    await expect.poll(() => done.textContent(), { timeout }).toContain(String(ids.length - 40));
    await page.close();
  });
});
