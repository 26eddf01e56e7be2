import { REFERENCE, REFERENCE_FORM } from '../config/form.ts';
import type { FoundAirflow } from '../core/found-types.ts';
import { idOf } from './draft-text.ts';
import {
  type Asking,
  answerTo,
  channelSecrets,
  NONE,
  oneOf,
  unfit,
  wrongInChannel,
  wrongInTarget,
} from './init-questions.ts';
import type { Answers, AskedChannel } from './init-text.ts';

/** What was said on the command line; the rest is asked. */
export interface InitOptions {
  readonly name?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly selector?: string;
  readonly healthPort?: string;
  readonly database?: string;
  readonly engine?: string;
  readonly channel?: string;
  readonly channelSecret?: string;
}

/** What was found of an Airflow, with the answers to what a cluster does not tell. */
export async function targetAnswers(
  options: InitOptions,
  airflow: FoundAirflow | null,
  asking: Asking,
): Promise<Answers> {
  const namespace = airflow?.namespace ?? (await namespaceOf(options, asking));
  const components =
    airflow === null || options.selector !== undefined
      ? { scheduler: { selector: await selectorOf(options, asking) } }
      : componentsOf(airflow);
  const healthPort = await healthOf(options, airflow, asking);
  const database = await databaseOf(options, airflow, asking);
  if (healthPort === null && database === null)
    throw unfit(
      'neither a health port nor a database is named; one of them is needed to see a scheduler beat',
    );
  const proposal = idOf(airflow ?? { namespace, release: namespace }, new Set());
  const name = await answerTo(
    { option: '--name', text: 'Name of the target', proposal, wrong: (id) => wrongInTarget({ id }) },
    // The only question with an answer that cannot be wrong.
    options.name ?? (asking.ask === null ? proposal : undefined),
    asking,
  );
  return { name, context: options.context ?? null, namespace, components, healthPort, database };
}

const componentsOf = ({ components }: FoundAirflow): Answers['components'] =>
  Object.fromEntries(
    components.map(({ name, selector, container }) => [
      name,
      { selector, ...(container !== null && { container }) },
    ]),
  );

const namespaceOf = (options: InitOptions, asking: Asking) =>
  answerTo(
    {
      option: '--namespace',
      text: 'Namespace that Airflow runs in',
      proposal: 'airflow',
      wrong: (namespace) => wrongInTarget({ namespace }),
    },
    options.namespace,
    asking,
  );

const selectorOf = (options: InitOptions, asking: Asking) =>
  answerTo(
    {
      option: '--selector',
      text: 'Label selector of the scheduler',
      proposal: 'component=scheduler',
      wrong: (selector) => wrongInTarget({ components: { scheduler: { selector } } }),
    },
    options.selector,
    asking,
  );

async function healthOf(
  options: InitOptions,
  airflow: FoundAirflow | null,
  asking: Asking,
): Promise<number | null> {
  const { health = null } = airflow ?? {};
  const question = {
    option: '--health-port',
    text: "Port of the scheduler's own health server, or none",
    proposal: health?.kind === 'on' ? String(health.port) : NONE,
    wrong: (port: string) =>
      port === NONE ? null : wrongInTarget({ health: { podPort: /^\d+$/.test(port) ? Number(port) : port } }),
  };
  const answer = await answerTo(question, options.healthPort, asking);
  return answer === NONE ? null : Number(answer);
}

async function databaseOf(
  options: InitOptions,
  airflow: FoundAirflow | null,
  asking: Asking,
): Promise<Answers['database']> {
  const question = {
    option: '--database',
    text: "Where the URL of Airflow's metadata database lives (env:NAME, file:PATH, …), or none",
    proposal: 'env:AIRFLOW_DB',
    isSecret: true,
    wrong: (secret: string) =>
      secret === NONE || REFERENCE.test(secret) ? null : `${REFERENCE_FORM}, or none; never the URL itself`,
  };
  const secret = await answerTo(question, options.database, asking);
  if (secret === NONE) return null;
  const proposal = airflow?.engine.name ?? 'postgres';
  const engine = await answerTo(
    { option: '--engine', text: 'Its engine', proposal, wrong: oneOf(['postgres', 'mysql']) },
    options.engine ?? (asking.ask === null && airflow !== null ? proposal : undefined),
    asking,
  );
  return { engine, secret };
}

export async function channelAnswers(options: InitOptions, asking: Asking): Promise<AskedChannel | null> {
  const secrets = channelSecrets();
  const types = [...secrets.keys()];
  const question = {
    option: '--channel',
    text: `Where alerts go: ${types.join(', ')}, or none for now`,
    proposal: NONE,
    wrong: oneOf([...types, NONE]),
  };
  const type = await answerTo(question, options.channel, asking);
  const key = secrets.get(type);
  if (key === undefined) return null;
  const secret = await answerTo(
    {
      option: '--channel-secret',
      text: `Where its ${key} lives`,
      isSecret: true,
      proposal: `env:${`${type}_${key.replaceAll(/[A-Z]/g, '_$&')}`.toUpperCase()}`,
      wrong: (found) =>
        REFERENCE.test(found)
          ? wrongInChannel({ type, [key]: found })
          : `${REFERENCE_FORM}; never the value itself`,
    },
    options.channelSecret,
    asking,
  );
  return { type, key, secret };
}
