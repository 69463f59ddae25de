/** Looks at rendered reports in a real browser: nothing clipped, faint, loaded from elsewhere or wider than the window; all of it without a script. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeReport } from 'ncsweep';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './installed-browser.ts';
import { inspectPage, type Inspection } from './inspect-page.ts';
import { reports } from './reports.ts';

/** Of a screenshot, ms: a busy machine takes ten times as long for the large pages. */
const timeout = 200_000;

const shots = path.resolve('out/screenshots');
const largestPage = 5_000_000;

let dir = '';
let browser: Browser | undefined;
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'ncsweep-browser-'));
  await mkdir(shots, { recursive: true });
  browser = await launchBrowser();
  for (const [name, make] of Object.entries(reports)) {
    await writeReport(make(), path.join(dir, name));
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
  look('two-claim-sets', 390, 'dark'),
  look('two-claim-sets', 1440, 'light'),
  // The width of A4 minus its margins, in CSS pixels.
  look('example', 718, 'light', 'print'),
  look('example', 718, 'dark', 'print'),
];

const unfoldAll = `for (const each of document.querySelectorAll('details')) each.open = true`;
const address = (report: string, file = 'index.html'): string => pathToFileURL(path.join(dir, report, file)).href;

/** A page that may run no script of its own. */
async function opened(file: string, width = 1440): Promise<Page> {
  const page = await browser!.newPage({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  await page.goto(file);
  return page;
}

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
    const name = `${report}-${width}-${scheme}-${media}`;
    await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true, timeout });
    await page.evaluate(unfoldAll);
    const seen = await page.evaluate<Inspection>(inspectPage);
    await page.screenshot({ path: path.join(shots, `${name}-unfolded.png`), fullPage: true, timeout });
    await page.close();
    expect(seen.texts).toBeGreaterThan(300);
    expect(seen).toMatchObject({ overflow: 0, clipped: [], faint: [], touching: [] });
    expect(requests.filter((r) => r !== url && !r.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each(Object.keys(reports))('%s is under 5 MB', async (report) => {
    expect((await stat(path.join(dir, report, 'index.html'))).size).toBeLessThan(largestPage);
  });

  it('is short until it is unfolded, and on paper it is unfolded', async () => {
    const page = await browser!.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(address('example'));
    const height = async (): Promise<number> => page.evaluate<number>('document.documentElement.scrollHeight');
    const folded = await height();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText('Nothing is missing').isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(unfoldAll);
    expect(folded).toBeLessThan(5000);
    expect(await height()).toBeGreaterThan(2 * folded);
    await page.close();
  });

  it.each([390, 1440])(
    'has contents that stay in view and unfold what they lead to, at %i px, without a script',
    async (width) => {
      const page = await opened(address('example'), width);
      const matrices = page.getByText('Leap matrices');
      expect(await matrices.isVisible()).toBe(false);
      await page.getByRole('link', { name: 'Leaping' }).click();
      expect(await matrices.isVisible()).toBe(true);
      const [heading, contents] = [
        await page.getByRole('heading', { name: 'Leaping', exact: true }).boundingBox(),
        await page.getByRole('navigation', { name: 'Sections' }).boundingBox(),
      ];
      expect(heading!.y).toBeGreaterThanOrEqual(width < 1152 ? contents!.y + contents!.height : 0);
      expect(heading!.y).toBeLessThan(450);
      expect(contents!.y).toBeGreaterThanOrEqual(0);
      expect(contents!.y).toBeLessThan(100);
      await page.close();
    },
  );

  it('enlarges a figure by keyboard, and Escape puts it back, without a script', async () => {
    const page = await opened(address('example'));
    const button = page.getByRole('button', { name: 'Enlarge nc1, training data (log)', exact: true });
    const large = page.getByRole('dialog', { name: 'nc1, training data (log)', exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await large.waitFor();
    const [box, small] = [
      await large.locator('svg').first().boundingBox(),
      await page.locator('.panel > svg').first().boundingBox(),
    ];
    expect(box!.width).toBeGreaterThan(2 * small!.width);
    await page.screenshot({ path: path.join(shots, 'enlarged.png'), timeout });
    await page.keyboard.press('Escape');
    await large.waitFor({ state: 'hidden' });
    await page.close();
  });

  it('saves figures from the page as they are in figures/, without a script or a request', async () => {
    const page = await opened(address('example'));
    for (const kind of ['svg', 'csv']) {
      const name = `curves-accuracy-training-data.${kind}`;
      const saving = page.waitForEvent('download');
      await page.getByRole('link', { name: `Save ${name}` }).click();
      const download = await saving;
      expect(download.suggestedFilename()).toBe(name);
      const beside = await readFile(path.join(dir, 'example', 'figures', name), 'utf8');
      expect(await readFile(await download.path(), 'utf8')).toBe(beside);
    }
    await page.close();
  });

  it('has figures that stand alone: valid, and their texts inside their frame', async () => {
    const files = (await readdir(path.join(dir, 'two-claim-sets', 'figures'))).filter((name) => name.endsWith('.svg'));
    expect(files.length).toBeGreaterThan(20);
    const page = await browser!.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    for (const file of files) {
      await page.goto(address('two-claim-sets', `figures/${file}`));
      const [error, outside] = await page.evaluate<[string, string[]]>(standsAlone);
      expect(error, file).toBe('');
      expect(outside, file).toEqual([]);
    }
    await page.screenshot({ path: path.join(shots, 'figure.png'), timeout });
    await page.close();
  });
});

/** Evaluates to a parser's complaint, and the texts that reach beyond the picture. */
const standsAlone = `(() => {
  const root = document.documentElement;
  const frame = root.getBoundingClientRect();
  const outside = [...root.querySelectorAll('text')].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  });
  return [root.localName === 'svg' ? root.querySelector('parsererror')?.textContent ?? '' : document.body.textContent, outside.map((t) => t.textContent)];
})()`;
