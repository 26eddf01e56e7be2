import type { Register } from './context.ts';
import { examples, rememberedOptions, type StateOptions, sayOptions } from './options.ts';
import { withRemembered } from './remembered.ts';

interface ReportOptions extends StateOptions {
  readonly out?: string;
  readonly fleet?: boolean;
}

export const registerReport: Register = (command, { done }) => {
  command
    .argument('[incident]', 'its id, such as prod-airflow-2026-11-23T03-13-00Z; `history` and alerts name it')
    .option('--fleet', 'all targets on one page: how they stand now, and their last 30 days')
    .option('--out <file>', 'where to write it (default: INCIDENT.html or fleet.html here)');
  sayOptions(rememberedOptions(command));
  examples(command, [
    'report prod-airflow-2026-11-23T03-13-00Z',
    'report prod-airflow-2026-11-23T03-13-00Z --out report.html',
    'report --fleet',
  ]);
  command.action(async (incident: string | undefined, options: ReportOptions) => {
    if ((incident === undefined) === (options.fleet !== true))
      command.error("error: name one incident, or give '--fleet'", { exitCode: 2 });
    const [{ fleetReport, report }, { renderFleet, renderIncident, writePage }] = await Promise.all([
      import('../commands/report.ts'),
      import('../wiring/reports.ts'),
    ]);
    const write = (name: string, html: string) => writePage(options.out ?? name, html);
    done(
      await withRemembered(options, (remembered, output) =>
        incident === undefined
          ? fleetReport({ ...remembered, renderFleet, write }, output)
          : report(incident, { ...remembered, render: renderIncident, write }, output),
      ),
    );
  });
};
