import type { Law } from './law.ts';

export const intentComesBeforeTheAct: Law = {
  name: 'the intent is saved before the act',
  watch: (_world, broken) => ({
    removing: (target, pod, process) => {
      const { id } = target.document;
      const saved = process.saved.get(id);
      const lookedAt = process.lookedAt.get(id) ?? 0;
      if (saved === undefined || saved.call < lookedAt)
        broken(target, `run ${process.number} deletes ${pod.name} and saved nothing after its last look`);
      else if (!JSON.stringify(saved.body).includes(pod.uid))
        broken(
          target,
          `run ${process.number} deletes ${pod.name}, and what it saved does not name ${pod.uid}`,
        );
    },
  }),
};
