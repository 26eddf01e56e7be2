import * as z from 'zod';
import { COMPONENTS, type ComponentName } from '../core/target.ts';
import {
  choice,
  integer,
  isPlainUrl,
  map,
  NAME,
  NAME_FORM,
  REFERENCE,
  REFERENCE_FORM,
  text,
} from './form.ts';
import { policySchema } from './policy-schema.ts';

/** DNS label (RFC 1123), the form of namespaces and container names. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const KEY = '[A-Za-z0-9][A-Za-z0-9_./-]*';
const TERM = `(!?${KEY}|${KEY} *(=|==|!=) *[A-Za-z0-9_.-]*|${KEY} +(in|notin) +\\([A-Za-z0-9_., -]+\\))`;
const SELECTOR = new RegExp(`^${TERM}( *, *${TERM})*$`);

const clusterSchema = map(
  {
    eks: text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "an EKS cluster's name")
      .optional()
      .describe('Name of the EKS cluster; needs region.'),
    region: text(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'an AWS region such as eu-west-1')
      .optional()
      .describe('AWS region of the EKS cluster.'),
    roleArn: text(
      /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/,
      'an IAM role such as arn:aws:iam::123456789012:role/watchdog',
    )
      .optional()
      .describe('Role to assume before asking for the cluster, for another account.'),
    externalId: text(/^[\w+=,.@:/-]{2,1224}$/, 'the external id that the role asks for')
      .optional()
      .describe('External id for roleArn.'),
    kubeconfig: text(/\S/, 'the path of a kubeconfig')
      .optional()
      .describe('Path of a kubeconfig, relative to this document. Default: $KUBECONFIG.'),
    context: text(/\S/, 'the name of a context in the kubeconfig')
      .optional()
      .describe('Context of the kubeconfig. Default: its current one.'),
  },
  'a map such as { eks: prod-eu, region: eu-west-1 } or { kubeconfig: ./kubeconfig, context: kind }',
  // For editors only; rules.ts says the same in words.
).meta({ dependentRequired: { eks: ['region'], region: ['eks'], roleArn: ['eks'], externalId: ['eks'] } });

const componentSchema = map(
  {
    selector: text(SELECTOR, 'a label selector such as component=scheduler,release=airflow').describe(
      "Label selector of the component's pods.",
    ),
    container: text(LABEL, "a container's name")
      .optional()
      .describe(
        'Container that runs the component. Default: the one named as the component, else the first.',
      ),
  },
  'a map such as { selector: "component=scheduler" }',
);

const componentsSchema = map(
  Object.fromEntries(
    COMPONENTS.map((name) => [name, componentSchema.optional().describe(`Where the ${name} pods are.`)]),
  ) as Record<ComponentName, z.ZodOptional<typeof componentSchema>>,
  `a map of ${COMPONENTS.join(', ')}`,
).meta({ minProperties: 1 });

const endpointSchema = map(
  {
    podPort: integer(1, 65_535, 'a port from 1 to 65535')
      .optional()
      .describe("Port of the scheduler's own health server, asked through the API server's pod proxy."),
    path: text(/^\/\S*$/, 'a path that starts with /')
      .optional()
      .describe('Path on podPort. Default: /health.'),
    url: z
      .string({ error: 'an http or https URL without user and password' })
      .refine(isPlainUrl, { error: 'an http or https URL without user and password' })
      .optional()
      .describe("URL of a health endpoint, such as the web server's /api/v2/monitor/health."),
  },
  'a map such as { podPort: 8974 } or { url: "https://airflow.example.com/api/v2/monitor/health" }',
);

const link = (expected: string) =>
  z
    .string({ error: `${expected}, without user and password` })
    .refine(isPlainUrl, { error: `${expected}, without user and password` })
    .optional();

export const targetSchema = map(
  {
    $schema: z.string({ error: 'the place of the JSON Schema' }).optional().describe('For editors; ignored.'),
    id: text(NAME, NAME_FORM)
      .optional()
      .describe("Name of the target. Default: the file's or parameter's name."),
    cluster: clusterSchema.optional().describe('How to reach the cluster. Default: $KUBECONFIG.'),
    namespace: text(LABEL, "a Kubernetes namespace's name").describe('Namespace that Airflow runs in.'),
    components: componentsSchema
      .optional()
      .describe('Components to watch. Default: the scheduler alone, with selector component=scheduler.'),
    health: z
      .union([endpointSchema, z.array(endpointSchema).min(1, { error: 'at least one health endpoint' })], {
        error: 'one health endpoint, such as { podPort: 8974 }, or a list of them',
      })
      .optional()
      .describe('Health endpoints: one, or a list.'),
    database: map(
      {
        engine: choice(['postgres', 'mysql']).describe("Engine of Airflow's metadata database."),
        secret: text(
          REFERENCE,
          `the place of the secret, as ${REFERENCE_FORM}; a URL itself holds a password and does not belong here`,
        ).describe("Where the database URL, or an RDS secret's JSON, lives; never the URL itself."),
        auth: choice(['password', 'rds-iam'])
          .optional()
          .describe('rds-iam: log in with a signed token in place of a password. Default: password.'),
      },
      'a map such as { engine: postgres, secret: env:AIRFLOW_DATABASE_URL }',
    )
      .optional()
      .describe("Airflow's metadata database, the strongest witness."),
    policy: policySchema.optional().describe('Thresholds and limits; every key is optional.'),
    channels: z
      .array(text(NAME, "a channel's name, such as oncall"), {
        error: 'a list of channel names; the channels themselves belong in channels.yaml beside this file',
      })
      .optional()
      .describe('Names of the channels to alert. Default: every channel.'),
    links: map(
      {
        runbook: link("the runbook's https URL").describe('Runbook of the owners, linked from alerts.'),
        dashboard: link("the dashboard's https URL").describe('Dashboard of the owners, linked from alerts.'),
      },
      'a map with runbook and dashboard',
    )
      .optional()
      .describe('Pages of its owners, shown in alerts and reports.'),
  },
  'a map with at least namespace, and health or database',
);

export type TargetDocument = z.infer<typeof targetSchema>;
