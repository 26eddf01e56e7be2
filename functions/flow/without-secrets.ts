import { redactAll } from '../core/redact.ts';
import type { Ports } from '../ports.ts';

export interface Clean {
  readonly ports: Ports;
  /** What is printed. */
  readonly output: <T>(value: T) => T;
}

/** The same ports, where neither ledger nor alerts nor reports get the value of a secret that this process knows, whoever quoted it. */
export function withoutSecrets(ports: Ports): Clean {
  const { knownSecrets, state, notifiersOf, reports } = ports;
  if (knownSecrets === undefined) return { ports, output: (value) => value };
  const clean = <T>(value: T): T => {
    const secrets = knownSecrets();
    return secrets.length === 0 ? value : redactAll(value, secrets);
  };
  return {
    output: clean,
    ports: {
      ...ports,
      state: {
        load: (key) => state.load(key),
        save: (key, body, expectedVersion) => state.save(key, body, expectedVersion),
        append: (entry) => state.append(clean(entry)),
        history: (query) => state.history(query),
        close: () => state.close(),
      },
      notifiersOf: (channels) =>
        new Map(
          [...notifiersOf(channels)].map(([name, notifier]) => [
            name,
            { ...notifier, send: (notification, memo) => notifier.send(clean(notification), memo) },
          ]),
        ),
      ...(reports && {
        reports: {
          url: reports.url,
          put: (name, html) => reports.put(name, html),
          render: (entries, about) => reports.render(clean(entries), about),
          renderFleet: (about) =>
            reports.renderFleet({
              ...about,
              targets: about.targets.map(({ target, state: known }) => ({ target, state: clean(known) })),
              entries: clean(about.entries),
            }),
        },
      }),
    },
  };
}
