import { type Cause, isWell } from '../core/cause.ts';
import type { Decision } from '../core/decision.ts';
import type { TargetReport } from '../core/report.ts';
import { formatDuration, SECOND_MS } from '../core/time.ts';
import type { Output } from './output.ts';

/** What a person reads of one target after a tick. */
export function renderTarget(report: TargetReport, style: Output['style']): readonly string[] {
  const time = report.tick.slice(11, 19);
  const head = `${style('bold', report.target)} ${style('dim', `${time}Z, ${report.looks} look(s) in ${(report.lookedForMs / 1000).toFixed(1)} s`)}`;
  const width = Math.max(0, ...report.pods.map((pod) => pod.pod.length));
  const pods = report.pods.map((pod) => {
    const streak = pod.streak === 0 ? '' : style('dim', ` (${pod.streak} in a row)`);
    return `  ${pod.pod.padEnd(width)}  ${paint(pod.cause, style)}  ${pod.why}${streak}${lastLine(pod, style)}`;
  });
  const blind = report.blind === undefined ? [] : [`  ${paint('blind', style)}  ${report.blind}`];
  return [head, ...pods, ...blind, ...renderPause(report, style), ...renderDecision(report.decision, style)];
}

/** Of a pod that looks sick; it decides nothing. */
function lastLine({ signals }: TargetReport['pods'][number], style: Output['style']): string {
  const log = signals.log as
    | { readonly kind?: string; readonly lastLineSecondsAgo?: number | null }
    | undefined;
  if (log?.kind !== 'answered' || log.lastLineSecondsAgo == null) return '';
  const ago = formatDuration(Math.max(1, log.lastLineSecondsAgo) * SECOND_MS);
  return style('dim', `; last log line ${ago} ago`);
}

/** Said though nothing is held: whoever reads this is to know that nothing would be removed. */
function renderPause({ pause }: TargetReport, style: Output['style']): readonly string[] {
  if (pause === null) return [];
  return [`  ${style('yellow', 'paused'.padEnd(13))}  by ${pause.by} until ${pause.until}: ${pause.reason}`];
}

function renderDecision(decision: Decision, style: Output['style']): readonly string[] {
  switch (decision.kind) {
    case 'rest':
      return [];
    case 'hold':
      return [
        `  ${style('yellow', `held: ${decision.code}`)}  ${decision.why}`,
        ...decision.holds.slice(1).map((hold) => style('dim', `        also ${hold.code}: ${hold.why}`)),
      ];
    case 'remove':
      return [
        `  ${style('red', `removed: ${decision.answer ?? 'unanswered'}`)}  ${decision.pod} (${decision.cause})`,
      ];
  }
}

function paint(cause: Cause, style: Output['style']): string {
  const text = cause.padEnd(13);
  if (isWell(cause)) return style('green', text);
  return style(cause === 'starting' || cause === 'rolling-out' ? 'yellow' : 'red', text);
}
