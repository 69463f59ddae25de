/** Looks at rendered reports in a real browser: nothing clipped, faint, loaded from elsewhere or wider than the window. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { writeReport } from 'ncsweep';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectPage, type Inspection } from './inspect-page.ts';
import { reports } from './reports.ts';

const shots = path.resolve('out/screenshots');
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The same choice as in scripts/setup-browser.sh: NCSWEEP_CHROMIUM, else the first one installed. */
function installedBrowser(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
  return process.env['NCSWEEP_CHROMIUM'] ?? found ?? '/usr/bin/chromium';
}

const largestPage = 5_000_000;

let dir = '';
let browser: Browser | undefined;
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'ncsweep-browser-'));
  await mkdir(shots, { recursive: true });
  browser = await chromium.launch({ executablePath: installedBrowser(), args: flags });
  for (const [name, make] of Object.entries(reports)) {
    const tables = make();
    await writeReport({ tables, verdicts: judgeSweep(tables) }, path.join(dir, name));
  }
});
afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true, force: true });
});

interface Look {
  readonly report: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly media: 'screen' | 'print';
}
const look = (report: string, width: number, scheme: Look['scheme'], media: Look['media'] = 'screen'): Look => ({
  report,
  width,
  scheme,
  media,
});
const looks: readonly Look[] = [
  ...['example', 'hard'].flatMap((report) =>
    [390, 1440].flatMap((width) => [look(report, width, 'light'), look(report, width, 'dark')]),
  ),
  look('one-seed', 390, 'light'),
  // The width of A4 minus its margins, in CSS pixels.
  look('example', 718, 'light', 'print'),
  look('example', 718, 'dark', 'print'),
];

describe('the report in a browser', () => {
  it.each(looks)('$report at $width px, $scheme, $media', async ({ report, width, scheme, media }) => {
    const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (r) => requests.push(r.url()));
    page.on('console', (m) => complaints.push(m.text()));
    page.on('pageerror', (e) => complaints.push(e.message));
    await page.emulateMedia({ media });
    const url = pathToFileURL(path.join(dir, report, 'index.html')).href;
    await page.goto(url);
    const seen = await page.evaluate<Inspection>(inspectPage);
    await page.screenshot({ path: path.join(shots, `${report}-${width}-${scheme}-${media}.png`), fullPage: true });
    await page.close();
    expect(seen.texts).toBeGreaterThan(300);
    expect(seen).toMatchObject({ overflow: 0, clipped: [], faint: [], touching: [] });
    expect(requests.filter((r) => r !== url && !r.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each(Object.keys(reports))('%s is under 5 MB', async (report) => {
    expect((await stat(path.join(dir, report, 'index.html'))).size).toBeLessThan(largestPage);
  });
});
