import { expositionOf, expositionOfFailure, overdueAfterMs } from '../../core/exposition.ts';
import { describeProblems } from '../../core/report.ts';
import { type DurationMs, formatDuration, isoOf, SECOND_MS } from '../../core/time.ts';
import type { Board, Clock } from '../../ports.ts';
import { createExporter } from './metrics.ts';
import { type Listening, listenOn, type Page } from './server.ts';

export interface BoardOptions {
  readonly host: string;
  readonly port: number;
  readonly everyMs: DurationMs;
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
  /** More pages as HTML, by path; one for `/` takes the place of the plain index. */
  readonly pages?: Readonly<Record<string, () => string>>;
}

const TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';

/** Serves `/healthz`, `/metrics` and the pages of a watch. */
export async function openBoard(options: BoardOptions): Promise<Board & Listening> {
  const { everyMs, version, clock, pages = {} } = options;
  const exporter = createExporter(version, everyMs / SECOND_MS);
  const beganAt = clock.now();
  let completeAt: number | null = null;
  const health = (): Page => {
    const silentMs = clock.now() - (completeAt ?? beganAt);
    const isOverdue = silentMs > overdueAfterMs(everyMs);
    const last = completeAt === null ? 'none yet' : isoOf(completeAt);
    const says = isOverdue ? `no complete tick for ${formatDuration(silentMs)}` : 'ok';
    return { status: isOverdue ? 503 : 200, type: TEXT, body: `${says}; last complete tick: ${last}\n` };
  };
  const more = Object.entries(pages).map(
    ([path, page]) => [path, (): Page => ({ status: 200, type: HTML, body: page() })] as const,
  );
  const listening = await listenOn(options, {
    '/': () => ({ status: 200, type: HTML, body: INDEX }),
    ...Object.fromEntries(more),
    '/healthz': health,
    '/metrics': async () => ({ status: 200, type: exporter.contentType, body: await exporter.text() }),
  });
  return {
    ...listening,
    ticked(report, tookMs) {
      exporter.show(expositionOf(report, tookMs, clock.now()));
      if (describeProblems(report) === null) completeAt = clock.now();
    },
    failed: (tookMs) => exporter.show(expositionOfFailure(tookMs)),
  };
}

const INDEX = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>scheduler-watchdog</title>
<h1>scheduler-watchdog</h1>
<ul><li><a href="/healthz">/healthz</a> 200 while ticks come, 503 when one is overdue by three slots
<li><a href="/metrics">/metrics</a> OpenMetrics</ul></html>
`;
