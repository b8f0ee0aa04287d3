/**
 * What the alerts and the dashboard look for is what a running service tells, and each alert is explained.
 */
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Alert {
  readonly name: string;
  readonly expression: string;
  readonly severity: string;
  readonly runbook: string;
}

/** The rules as they are written here: an alert is a block, and its expression a line. */
const alerts = read('deploy/prometheus/ringkey.rules.yml')
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((block): Alert => {
    const found = (pattern: RegExp) => pattern.exec(block)?.[1] ?? '';
    return {
      name: found(/^(\w+)/),
      expression: found(/^ +expr: (.+)$/m),
      severity: found(/severity: (\w+)/),
      runbook: found(/runbook: '([^']+)'/),
    };
  });

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

const dashboard = JSON.parse(read('deploy/grafana/ringkey.json')) as Dashboard;
const graphs = dashboard.panels.filter(({ type }) => type !== 'row');
const panelExpressions = graphs.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Labels that Prometheus adds to what it scrapes. */
const addedLabels = ['job', 'instance'];

/** The figures that an expression selects: their name, and what it asks of each label. */
function selectorsIn(expression: string) {
  return [...expression.matchAll(/\b((?:ringkey|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name,
      labels: [...matchers.matchAll(/(\w+)(=~?)"([^"]*)"/g)].flatMap(([, label = '', , wanted = '']) =>
        addedLabels.includes(label) ? [] : [{ label, values: wanted.split('|') }],
      ),
    }),
  );
}

/** The labels that an expression groups by. */
function groupingsIn(expression: string): string[] {
  return [...expression.matchAll(/\bby \(([^)]*)\)/g)]
    .flatMap(([, labels = '']) => labels.split(', '))
    .filter((label) => !addedLabels.includes(label));
}

describe('alerts and dashboard', () => {
  let ringkey: TestService;
  let dataDir: string;
  let series: readonly string[];

  beforeAll(async () => {
    const pepper = (byte: number) => Buffer.alloc(32, byte).toString('base64');
    dataDir = makeTemporaryFolder();
    // One pepper of each role.
    await (await startTestService({ dataDir, env: { PIN_PEPPER: pepper(2) } })).stop();
    const env = { PIN_PEPPER: pepper(1), PIN_PEPPER_PREVIOUS: `${pepper(2)},${pepper(3)}` };
    ringkey = await startTestService({ dataDir, env });
    await ringkey.addUser({ extension: '4711' }, '596183');
    const call = await ringkey.dial();
    await call.press('4711#596183#');
    await call.hangUp();
    ringkey.clock.advance(3_600_000);
    await ringkey.service.countPeppers();
    await ringkey.service.runMailRound();
    const text = await (await fetch(`${ringkey.service.url}/metrics`)).text();
    series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  });
  afterAll(async () => {
    await ringkey.stop();
    rmSync(dataDir, { recursive: true });
  });

  const linesOf = (name: string) =>
    series.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

  it.each([...alerts.map(({ expression }) => expression), ...panelExpressions])(
    '%s is told',
    (expression) => {
      const selectors = selectorsIn(expression);
      for (const { name, labels } of selectors) {
        expect(linesOf(name), name).not.toEqual([]);
        for (const { label, values } of labels) {
          for (const value of values) {
            const told = linesOf(name).filter((line) => line.includes(`${label}="${value}"`));
            expect(told, `${name}{${label}="${value}"}`).not.toEqual([]);
          }
        }
      }
      for (const label of groupingsIn(expression)) {
        const told = selectors
          .flatMap(({ name }) => linesOf(name))
          .filter((line) => line.includes(`${label}="`));
        expect(told, `by (${label})`).not.toEqual([]);
      }
    },
  );

  it('look for something each, but for whether the service is up', () => {
    const without = [...alerts.map(({ expression }) => expression), ...panelExpressions].filter(
      (expression) => selectorsIn(expression).length === 0,
    );
    expect(without).toEqual(['up{job="ringkey"} == 0']);
    expect(alerts.length).toBeGreaterThan(10);
  });

  it('are tried on made-up figures, each of them', () => {
    const tried = [...read('deploy/prometheus/ringkey.tests.yml').matchAll(/alertname="(\w+)"/g)];
    expect([...new Set(tried.map(([, name]) => name))]).toEqual(alerts.map(({ name }) => name));
  });

  it('are explained one by one, in a paragraph that says what to do', () => {
    const section =
      read('docs/operations.md')
        .split(/^## /m)
        .find((text) => text.startsWith('Alerts\n')) ?? '';
    const explained = section.split(/^### /m).slice(1);
    expect(explained.map((text) => text.split('\n')[0])).toEqual(alerts.map(({ name }) => name));
    for (const text of explained)
      expect(text.split('\n').slice(1).join(' ').trim().length).toBeGreaterThan(100);
    for (const { name, runbook, severity } of alerts) {
      expect(runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
      expect(['page', 'ticket', 'info']).toContain(severity);
    }
  });
});

describe('the dashboard', () => {
  it('is of a schema that Grafana 11 reads, with a choice of the source of data', () => {
    expect(dashboard).toMatchObject({ uid: 'ringkey', title: 'Ringkey', schemaVersion: 39 });
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }),
    );
    for (const { targets = [], datasource, title } of graphs) {
      expect(targets, title).not.toEqual([]);
      for (const { uid } of [datasource, ...targets.map((target) => target.datasource)].flatMap(
        (one) => one ?? [],
      ))
        expect(uid).toMatch(/^\$\{datasource\}$/);
    }
  });

  it('has its panels side by side, and each once', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [at, { gridPos: one }] of panels.entries()) {
      expect(one.x + one.w).toBeLessThanOrEqual(24);
      for (const { gridPos: other } of panels.slice(at + 1)) {
        const isBeside = one.x + one.w <= other.x || other.x + other.w <= one.x;
        const isAbove = one.y + one.h <= other.y || other.y + other.h <= one.y;
        expect(isBeside || isAbove).toBe(true);
      }
    }
  });
});
