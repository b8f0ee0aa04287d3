/** Plots over time. They show what a table beside them says in figures, so they are hidden from screen readers. */
import uPlot from '../lib/uplot.js';
import { html, useEffect, useRef } from '../shared/view.js';

/** @typedef {{ at: string, [kind: string]: string | number }} Hour */

const height = 190;

/**
 * @param {{ title: string, hours: readonly Hour[], series: readonly { name: string, label: string }[] }} props
 */
export function Plot({ hours, series }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const element = place.current;
    if (element === null || hours.length === 0) return;
    let plot = draw(element, hours, series);
    const redraw = () => {
      plot.destroy();
      plot = draw(element, hours, series);
    };
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', redraw);
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      scheme.removeEventListener('change', redraw);
      sizes.disconnect();
      plot.destroy();
    };
  }, [hours]);
  return html`<div class="plot" ref=${place} aria-hidden="true"></div>`;
}

/**
 * @param {HTMLElement} element
 * @param {readonly Hour[]} hours
 * @param {readonly { name: string, label: string }[]} series
 */
function draw(element, hours, series) {
  const styles = getComputedStyle(element);
  /** @param {string} name */
  const colour = (name) => styles.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--ink-soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const times = hours.map(({ at }) => Date.parse(at) / 1000);
  const counts = series.map(({ name }) => hours.map((hour) => Number(hour[name] ?? 0)));
  const most = Math.max(4, ...counts.flat());
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: [0, most * 1.1] } },
      axes: [
        axis,
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] },
      ],
      series: [
        {
          value: (_plot, seconds) =>
            seconds === null
              ? ''
              : new Date(seconds * 1000).toLocaleString('en', {
                  weekday: 'short',
                  hour: '2-digit',
                  minute: '2-digit',
                  hourCycle: 'h23',
                }),
          label: 'Hour',
        },
        ...series.map(({ label }, index) => ({
          label,
          stroke: colour(`--plot-${index + 1}`),
          width: 2,
          dash: index === 0 ? [] : [6, 3],
          points: { show: false },
        })),
      ],
    },
    [times, ...counts],
    element,
  );
}
