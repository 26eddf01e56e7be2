import type { Notification } from '../../functions/core/notification.ts';
import { acknowledgeIncident } from '../../functions/flow/acknowledge.ts';
import { approveRemoval } from '../../functions/flow/approve.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { PROD } from '../report/pages.ts';

export interface PreviewStory {
  readonly name: string;
  readonly title: string;
  /** What one channel was told, oldest first. */
  readonly told: readonly Notification[];
}

const REPORTS = {
  url: 'https://reports.example.com/',
  put: async () => {},
  render: async () => '',
  renderFleet: async () => '',
} as const;
const ONE = { ...PROD, components: { scheduler: 1 } };

async function ticks(world: World, count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) {
    world.nextMinute();
    await world.run({ ...world.start().ports, reports: REPORTS });
  }
}

const STORIES: readonly {
  readonly name: string;
  readonly title: string;
  readonly play: () => Promise<World>;
}[] = [
  {
    name: 'replaced',
    title: 'A wedged scheduler is removed, and its replacement proves itself',
    async play() {
      const { world } = await wedgedWorld(ONE);
      await ticks(world, 5);
      return world;
    },
  },
  {
    name: 'asked',
    title: 'A removal waits for a person, who takes it up and approves it (mode: ask)',
    async play() {
      const { world, pod } = await wedgedWorld({ ...ONE, policy: { mode: 'ask' } });
      await ticks(world, 2);
      const ports = { state: world.store, clock: world.clock };
      await acknowledgeIncident('prod-airflow', null, 'ann (Slack U0ANN00001)', ports);
      await ticks(world, 1);
      await approveRemoval('prod-airflow', pod.name, 'ann (Slack U0ANN00001)', ports);
      await ticks(world, 6);
      return world;
    },
  },
  {
    name: 'database',
    title: 'The database is down: nothing is removed for that',
    async play() {
      const world = await calmWorld(ONE);
      const { begin, end, outages } = world.of('prod-airflow');
      begin(outages, world.clock.now());
      await ticks(world, 4);
      end(outages, world.clock.now());
      await ticks(world, 5);
      return world;
    },
  },
  {
    name: 'storm',
    title: 'Three targets fall sick together: one alert, and nothing is removed',
    async play() {
      const ids = ['prod-airflow', 'data-airflow', 'ml-airflow'];
      const world = await calmWorld(...ids.map((id) => ({ ...ONE, id })));
      for (const id of ids) world.wedge(id);
      world.clock.advanceTo(world.clock.now() + 70_000);
      await ticks(world, 2);
      return world;
    },
  },
];

/** Messages of the flow itself, in a small world that is scripted; none of them is written by hand. */
export async function previewStories(): Promise<readonly PreviewStory[]> {
  return Promise.all(
    STORIES.map(async ({ name, title, play }) => {
      const { sent } = await play();
      const told = sent.filter(({ channel }) => channel === 'slack').map(({ notification }) => notification);
      return { name, title, told };
    }),
  );
}
