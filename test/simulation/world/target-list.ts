import type { TargetList, TargetSource } from '../../../functions/ports.ts';
import { clockOf } from './clock-port.ts';
import type { Process, SimTarget, World } from './model.ts';
import { call } from './process.ts';
import { tell } from './tell.ts';

/** The list as it is now, with every document that is wrong. */
export function listPort(world: World, process: Process): TargetSource {
  return {
    lastChannels: () => world.channels.map(({ channel }) => channel),
    load: () =>
      call(world, process, 20, () => {
        switch (world.watchdog.list) {
          case 'unreadable':
            throw world.program.outsideFault('WD_TARGETS_UNREADABLE', 'the list could not be read');
          case 'empty':
            return { targets: [], channels: [], bad: [] };
          case 'stale':
            return {
              ...listOf(world),
              stale: { readAt: clockOf(world) - 600_000, why: 'SSM does not answer' },
            };
          default:
            return listOf(world);
        }
      }),
  };
}

function listOf(world: World): TargetList {
  world.list ??= {
    targets: world.targets.filter(({ listed }) => listed === 'yes').map(({ document }) => document),
    channels: world.channels.map(({ channel }) => channel),
    bad: world.targets
      .filter(({ listed }) => listed === 'broken')
      .map(({ document }) => ({
        id: document.id,
        source: `targets/${document.id}.yaml`,
        problems: [{ path: 'policy', found: 'x', expected: 'a map', didYouMean: null }],
      })),
  };
  return world.list;
}

export function setListed(world: World, target: SimTarget, listed: SimTarget['listed']): void {
  target.listed = listed;
  target.unsettled = true;
  world.list = null;
  tell(
    world,
    target,
    `the document is ${listed === 'yes' ? 'there' : listed === 'no' ? 'taken off the list' : 'broken'}`,
  );
}

export function setDocument(world: World, target: SimTarget, document: SimTarget['document']): void {
  if (document.id !== target.document.id) {
    world.byId.set(document.id, target);
    // What was done under the old id is not known under the new one.
    target.removals.length = 0;
    target.intents.length = 0;
  }
  target.document = document;
  target.api.pods = null;
  target.unsettled = true;
  world.list = null;
}
