import type { HttpFacts, Look } from '../../../functions/core/observation.ts';
import type {
  Delivery,
  HealthUrls,
  MetadataDatabase,
  Notifier,
  Ports,
  StateStore,
} from '../../../functions/ports.ts';
import { clockOf, clockPort } from './clock-port.ts';
import { clusterPort, latency, targetOf } from './cluster-port.ts';
import { answersOf, type DatabaseLooks } from './database-looks.ts';
import type { Process, SimChannel, World } from './model.ts';
import { call } from './process.ts';
import { storePort } from './store-port.ts';
import { listPort } from './target-list.ts';
import { webHealthOf } from './web-look.ts';

/** The whole outside, as one process of the program meets it. */
export function portsOf(world: World, process: Process): Ports {
  const cluster = clusterPort(world, process);
  const state: StateStore = storePort(world, process);
  return {
    clock: clockPort(world, process),
    targets: listPort(world, process),
    state,
    database: databasePort(world, process),
    urls: urlsPort(world, process),
    clusterOf: (target) => {
      if (targetOf(world, target).api.mode !== 'no-session') return Promise.resolve(cluster);
      return call(world, process, 200, () => {
        throw world.program.outsideFault('WD_KUBECONFIG', 'the context cannot be used');
      });
    },
    notifiersOf: (channels) =>
      new Map(
        world.channels
          .filter(({ channel }) => channels.some(({ name }) => name === channel.name))
          .map((channel) => [channel.channel.name, notifierOf(world, process, channel)]),
      ),
    progress: () => undefined,
  };
}

function databasePort(world: World, process: Process): MetadataDatabase {
  return {
    look: (target, { deadlineMs }) => {
      const sim = targetOf(world, target);
      const { database } = sim;
      const at = clockOf(world);
      const from = world.loop.now();
      const isFrozen = database.mode === 'frozen';
      const wanted = isFrozen
        ? deadlineMs
        : latency(sim, 5, 30) + (database.mode === 'slow' ? sim.random.between(500, 7_000) : 0);
      return call(world, process, Math.min(wanted, deadlineMs + 50), (): DatabaseLooks => {
        const tookMs = world.loop.now() - from;
        if (!isFrozen && tookMs <= deadlineMs) return answersOf(sim, world.loop.now(), at, tookMs);
        const look = {
          kind: 'unreachable',
          at,
          tookMs,
          cause: 'timeout',
          detail: 'the database: timeout',
        } as const;
        return {
          jobs: look,
          progress: look,
          locks: look,
          companions: { triggers: look, parsing: look },
          work: look,
        };
      });
    },
    blastRadius: (target) => {
      const sim = targetOf(world, target);
      const at = clockOf(world);
      return call(world, process, latency(sim, 5, 30), () => {
        const tookMs = 10;
        if (sim.database.mode !== 'up')
          return {
            kind: 'unreachable',
            at,
            tookMs,
            cause: 'refused',
            detail: 'the database: refused',
          } as const;
        return { kind: 'answered', at, tookMs, running: sim.random.whole(0, 2), queued: 0 } as const;
      });
    },
  };
}

function urlsPort(world: World, process: Process): HealthUrls {
  return {
    look: (url, { deadlineMs }) => {
      const sim = world.targets[Number(/t(\d+)\./.exec(url)?.[1])];
      const at = clockOf(world);
      const from = world.loop.now();
      const isSilent = sim === undefined || sim.web === 'down' || webHealthOf(sim, from) === 'silent';
      return call(
        world,
        process,
        isSilent ? deadlineMs : 10 + sim.random.unit() ** 4 * 60,
        (): Look<HttpFacts> => {
          const timing = { at, tookMs: world.loop.now() - from };
          const found = sim === undefined ? 'silent' : webHealthOf(sim, world.loop.now());
          if (sim === undefined || isSilent || found === 'silent' || timing.tookMs > deadlineMs)
            return { ...timing, kind: 'unreachable', cause: 'timeout', detail: 'the web server: no answer' };
          if (sim.web === 'login-page')
            return { ...timing, kind: 'unreadable', cause: 'login-page', detail: 'a login page' };
          return { ...timing, kind: 'answered', ...found };
        },
      );
    },
  };
}

function notifierOf(world: World, process: Process, channel: SimChannel): Notifier {
  return {
    send: (notification) => {
      const isHanging = channel.mood === 'hanging';
      return call(world, process, isHanging ? 10_000 : world.random.between(80, 400), (): Delivery => {
        world.hearing.sending(channel, notification);
        const mood = isHanging ? 'hanging' : channel.mood;
        if (mood !== 'ok') channel.lastBadAt = world.loop.now();
        switch (mood) {
          case 'throwing':
            throw new TypeError('a notifier broke its promise');
          case 'refusing':
            return { kind: 'refused', detail: '403 invalid_token' };
          case 'later':
            return { kind: 'later', afterMs: world.random.pick([0, 1_000, 30_000, 300_000]), detail: '429' };
          case 'hanging':
            return { kind: 'later', afterMs: 0, detail: 'no answer within 10 s' };
          default: {
            world.hearing.accepted(channel, notification);
            if (mood === 'ok') return { kind: 'delivered' };
            return { kind: 'later', afterMs: 0, detail: 'the connection was reset' };
          }
        }
      });
    },
  };
}
