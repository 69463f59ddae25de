/** Time against size on logarithmic axes. */
import * as Plot from '@observablehq/plot';
import { drawPlot } from '@ncsweep/report/render/plot';

export interface Point {
  readonly step: string;
  readonly size: number;
  readonly seconds: number;
}

export function growthPlot(points: readonly Point[]): string {
  const { markup } = drawPlot(
    {
      width: 640,
      height: 400,
      marginLeft: 60,
      marginRight: 70,
      grid: true,
      x: { type: 'log', label: 'size' },
      y: { type: 'log', label: 'seconds (median)' },
      color: { legend: false },
      marks: [
        Plot.line(points, { x: 'size', y: 'seconds', stroke: 'step' }),
        Plot.dot(points, { x: 'size', y: 'seconds', fill: 'step' }),
        Plot.text(points, Plot.selectLast({ x: 'size', y: 'seconds', z: 'step', text: 'step', dx: 8, textAnchor: 'start' })),
      ],
    },
    'Seconds against size, one line a step',
  );
  const style = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor" style="background: white"';
  return `${markup.text.replace('<svg', `<svg xmlns="http://www.w3.org/2000/svg" ${style}`)}\n`;
}
