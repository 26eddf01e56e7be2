import type { Template } from './stack.ts';

/** What CloudFormation makes of a template with these values: enough of its functions for ours, and an error for any other. */
export interface Resolved {
  readonly resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Properties }>>;
  readonly outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  /** Descriptions of the assertions that do not hold; CloudFormation would refuse to begin. */
  readonly refusals: readonly string[];
}
type Properties = Readonly<Record<string, unknown>>;
type Json = Readonly<Record<string, unknown>>;

export interface Surroundings {
  readonly stackName?: string;
  readonly partition?: string;
  readonly urlSuffix?: string;
}

const ABSENT = Symbol('AWS::NoValue');

export function resolveStack(
  template: Template,
  given: Readonly<Record<string, string>> = {},
  { stackName = 'watchdog-test', partition = 'aws', urlSuffix = 'amazonaws.com' }: Surroundings = {},
): Resolved {
  const conditions = (template.Conditions ?? {}) as Json;
  const pseudo: Json = {
    'AWS::StackName': stackName,
    'AWS::Partition': partition,
    'AWS::URLSuffix': urlSuffix,
    'AWS::Region': 'eu-west-1',
    'AWS::AccountId': '123456789012',
    'AWS::NoValue': ABSENT,
  };

  function ref(name: string): unknown {
    if (name in pseudo) return pseudo[name];
    const parameter = template.Parameters[name];
    if (parameter === undefined) {
      if (!(name in template.Resources)) throw new Error(`there is no ${name}`);
      return `<${name}>`;
    }
    const value = given[name] ?? String(parameter.Default);
    return parameter.Type === 'CommaDelimitedList' ? value.split(',') : value;
  }
  const holds = (name: string): boolean => {
    if (!(name in conditions)) throw new Error(`there is no condition ${name}`);
    return value(conditions[name]) === true;
  };
  const sub = (text: string, own: Json): string =>
    text.replace(/\$\{([^}]+)\}/g, (_, name: string) =>
      String(name in own ? value(own[name]) : name.includes('.') ? `<${name}>` : ref(name)),
    );
  const list = (items: unknown) => (items as readonly unknown[]).map(value);
  const functions: Readonly<Record<string, (of: never) => unknown>> = {
    Ref: ref,
    Condition: holds,
    'Fn::If': ([name, yes, no]: [string, unknown, unknown]) => value(holds(name) ? yes : no),
    'Fn::Equals': (items: unknown) => new Set(list(items).map(String)).size === 1,
    'Fn::Not': (items: unknown) => !list(items)[0],
    'Fn::And': (items: unknown) => list(items).every(Boolean),
    'Fn::Or': (items: unknown) => list(items).some(Boolean),
    'Fn::Join': ([by, items]: [string, unknown]) => (value(items) as readonly unknown[]).join(by),
    'Fn::Split': ([by, text]: [string, unknown]) => String(value(text)).split(by),
    'Fn::GetAtt': (path: readonly string[]) => `<${path.join('.')}>`,
    'Fn::Sub': (of: string | [string, Json]) => (typeof of === 'string' ? sub(of, {}) : sub(of[0], of[1])),
  };

  function value(json: unknown): unknown {
    if (Array.isArray(json)) return json.map(value).filter((one) => one !== ABSENT);
    if (typeof json !== 'object' || json === null) return json;
    const [only, second] = Object.keys(json);
    const call = second === undefined && only !== undefined ? functions[only] : undefined;
    if (call !== undefined) return call((json as Json)[String(only)] as never);
    if (only?.startsWith('Fn::')) throw new Error(`${only} is not known here`);
    const entries = Object.entries(json).map(([key, inner]) => [key, value(inner)] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== ABSENT));
  }

  const present = <T extends object>(all: Readonly<Record<string, T>>) =>
    Object.entries(all).filter(([, one]) => !('Condition' in one) || holds(String(one.Condition)));
  const resources = present(template.Resources).map(([name, { Type, Properties }]) => [
    name,
    { Type, Properties: value(Properties) as Properties },
  ]);
  const outputs = present(template.Outputs as Readonly<Record<string, Json>>).map(([name, { Value }]) => [
    name,
    { Value: value(Value) },
  ]);
  const rules = Object.values((template.Rules ?? {}) as Readonly<Record<string, Rule>>);
  return {
    resources: Object.fromEntries(resources),
    outputs: Object.fromEntries(outputs),
    refusals: rules
      .flatMap(({ Assertions }) => Assertions)
      .filter(({ Assert }) => value(Assert) !== true)
      .map(({ AssertDescription }) => AssertDescription),
  };
}

interface Rule {
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription: string }[];
}
