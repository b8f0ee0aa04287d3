/** Plots as SVG: lines over an axis, without a library, readable on a light and on a dark page. */
import { inShort } from './statistics.ts';
import type { Plot, Series } from './suite.ts';

const width = 720;
const height = 380;
const margin = { left: 70, right: 20, top: 44, bottom: 84 };
const plotWidth = width - margin.left - margin.right;
const plotHeight = height - margin.top - margin.bottom;

/** Of the Okabe–Ito palette, in shades that stand out on white and on black; each line has a mark of its own besides. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b8860b', '#56b4e9'];

/** An axis: its ends, and where it is labelled. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

/** Round steps from zero to the first one that isn't below the largest value. */
export function valueAxis(largest: number): Axis {
  if (!(largest > 0) || !Number.isFinite(largest)) return { from: 0, to: 1, ticks: [0, 1] };
  const rough = largest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const steps = Math.ceil(Number((largest / step).toFixed(9)));
  const ticks = Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
  return { from: 0, to: ticks.at(-1) ?? 1, ticks };
}

/** Where a value lies on its axis, from 0 to 1. */
export function placeOn({ from, to }: Axis, value: number, scale: 'linear' | 'log2' = 'linear'): number {
  const at = scale === 'log2' ? Math.log2 : (x: number) => x;
  return to === from ? 0.5 : (at(value) - at(from)) / (at(to) - at(from));
}

/** @returns an SVG document. */
export function drawPlot({ title, xLabel, yLabel, xScale = 'linear', series }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const yAxis = valueAxis(Math.max(0, ...points.map(([, y]) => y)));
  const xAxis = xAxisOf(
    points.map(([x]) => x),
    xScale,
  );
  const left = (x: number) => margin.left + placeOn(xAxis, x, xScale) * plotWidth;
  const top = (y: number) => margin.top + (1 - placeOn(yAxis, y)) * plotHeight;
  const bottom = margin.top + plotHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${width / 2}" y="24" text-anchor="middle">${escaped(title)}</text>`,
    ...yAxis.ticks.map((tick) =>
      [
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(top(tick))}" y2="${at(top(tick))}"/>`,
        `<text x="${margin.left - 8}" y="${at(top(tick) + 4)}" text-anchor="end">${inShort(tick)}</text>`,
      ].join(''),
    ),
    ...xAxis.ticks.map(
      (tick) => `<text x="${at(left(tick))}" y="${bottom + 18}" text-anchor="middle">${inShort(tick)}</text>`,
    ),
    `<text x="${margin.left + plotWidth / 2}" y="${bottom + 38}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(16 ${margin.top + plotHeight / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...series.map((one, index) => drawSeries(one, index, left, top)),
    drawLegend(series),
    '</svg>',
    '',
  ].join('\n');
}

function xAxisOf(values: readonly number[], scale: 'linear' | 'log2'): Axis {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const [from, to] = [distinct[0] ?? 0, distinct.at(-1) ?? 1];
  if (scale === 'log2' || distinct.length <= 8) return { from, to, ticks: distinct };
  const { ticks } = valueAxis(to);
  return { from, to, ticks: ticks.filter((tick) => tick >= from && tick <= to) };
}

function drawSeries(
  { points }: Series,
  index: number,
  left: (x: number) => number,
  top: (y: number) => number,
): string {
  const places = points.map(([x, y]): [number, number] => [left(x), top(y)]);
  const path = places.map(([x, y], step) => `${step === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('');
  const marks = places.length > 24 ? '' : places.map(([x, y]) => drawMark(index, x, y)).join('');
  return `<path d="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="2"/>${marks}`;
}

function drawMark(index: number, x: number, y: number): string {
  const fill = `fill="${colourOf(index)}"`;
  if (index % 3 === 0) return `<circle cx="${at(x)}" cy="${at(y)}" r="4" ${fill}/>`;
  if (index % 3 === 1) return `<rect x="${at(x - 4)}" y="${at(y - 4)}" width="8" height="8" ${fill}/>`;
  return `<path d="M${at(x)} ${at(y - 5)}L${at(x + 5)} ${at(y + 4)}L${at(x - 5)} ${at(y + 4)}Z" ${fill}/>`;
}

function drawLegend(series: readonly Series[]): string {
  const each = plotWidth / Math.max(1, series.length);
  const y = height - 18;
  return series
    .map(({ name }, index) => {
      const x = margin.left + index * each;
      return `${drawMark(index, x + 6, y - 4)}<text x="${at(x + 18)}" y="${y}">${escaped(name)}</text>`;
    })
    .join('');
}

const style = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}',
  '.title{font-size:15px;font-weight:600}',
  '.page{fill:#fff}',
  '.grid{stroke:#d0d7de}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.grid{stroke:#30363d}}',
].join('');

const colourOf = (index: number) => colours[index % colours.length] ?? '#888';
const at = (value: number) => String(Number(value.toFixed(1)));

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
