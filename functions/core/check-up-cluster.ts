import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import type { ClusterExam, DatabaseExam, StateExam, Step, UrlExam } from './examination.ts';
import type { Look } from './observation.ts';
import { isLiving } from './patient.ts';
import type { PodFact } from './pod.ts';
import { LIMITS } from './policy.ts';
import { RIGHTS, type Right } from './rights.ts';
import type { Target } from './target.ts';
import { formatDuration } from './time.ts';

/** All that was learned about one target. */
export interface TargetExam {
  readonly target: Target;
  readonly cluster: ClusterExam;
  /** Null: the target names none. */
  readonly database: DatabaseExam | null;
  readonly urls: readonly UrlExam[];
  readonly state: StateExam | null;
}

type Row = Prerequisite<TargetExam>;

/** A step that went well, or why it did not; a step that was not reached has no line of its own. */
export function stepAnswer<Facts extends object>(
  step: Step<Facts> | null,
  well: (facts: Facts) => string,
  more: Pick<Answer, 'cure' | 'about'> = {},
): readonly Answer[] {
  if (step === null) return [];
  return step.ok ? [ok(well(step), more.about)] : [bad('fail', step.detail, more)];
}

export const living = ({ cluster }: TargetExam): readonly PodFact[] =>
  cluster.pods?.kind === 'answered' ? cluster.pods.pods.filter(isLiving) : [];

export const kubectl = ({ cluster, namespace }: Target, words: string): string => {
  const context =
    cluster.kind === 'kubeconfig' && cluster.context !== null ? ` --context ${cluster.context}` : '';
  const file = cluster.kind === 'kubeconfig' && cluster.path !== null ? ` --kubeconfig ${cluster.path}` : '';
  return `kubectl${file}${context} -n ${namespace} ${words}`;
};

/** The file with the namespace of this target in place of the one that it comes with; for an administrator, not for our login. */
export const applied = ({ namespace }: Target, file: string): string =>
  namespace === 'airflow'
    ? `kubectl apply -f infra/k8s/${file}`
    : `sed 's/namespace: airflow/namespace: ${namespace}/' infra/k8s/${file} | kubectl apply -f -`;

const accessEntry = ({ cluster }: Target): string | null =>
  cluster.kind === 'eks'
    ? `aws eks create-access-entry --region ${cluster.region} --cluster-name ${cluster.name} --principal-arn ${cluster.roleArn ?? 'ROLE_ARN'} --kubernetes-groups scheduler-watchdog`
    : null;

const through = (proxy: string | undefined) =>
  proxy === undefined ? '' : `, asked through the proxy ${proxy}: the next two lines are its own`;

export const REACH_ROWS: readonly Row[] = [
  {
    id: 'cluster-session',
    title: 'kubeconfig or EKS cluster, and credentials for it',
    costs: 'the target is blind: nothing is seen and nothing is done',
    cure: 'try the same file and context with kubectl; on EKS the sentence says what AWS answered',
    needs: [],
    judge: ({ target, cluster: { access } }) =>
      stepAnswer(access.session, ({ server, proxy }) => `credentials for ${server}${through(proxy)}`, {
        cure: target.cluster.kind === 'eks' ? awsLook(target.cluster) : kubectl(target, 'get pods'),
      }),
  },
  {
    id: 'cluster-name',
    title: "the API server's name resolves",
    costs: 'the target is blind: nothing is seen and nothing is done',
    cure: 'correct `server` in the kubeconfig, or let this network resolve it (a private EKS endpoint resolves in its VPC only)',
    needs: ['cluster-session'],
    judge: ({ cluster: { access } }) =>
      stepAnswer(access.name, ({ addresses }) => `resolves to ${addresses.join(', ')}`),
  },
  {
    id: 'cluster-port',
    title: 'the API server takes connections',
    costs: 'the target is blind: nothing is seen and nothing is done',
    cure: "open the way: the endpoint's allowed addresses, or the stack's parameters SubnetIds and SecurityGroupIds",
    needs: ['cluster-name'],
    judge: ({ cluster: { access } }) =>
      stepAnswer(access.port, ({ tookMs }) => `connected in ${Math.round(tookMs)} ms`),
  },
  {
    id: 'cluster-tls',
    title: "the API server's certificate is trusted",
    costs: 'the target is blind: nothing is seen and nothing is done',
    cure: '`certificate-authority-data` of the kubeconfig must hold the CA that signed it; `aws eks update-kubeconfig` writes it anew',
    needs: ['cluster-port'],
    judge: ({ cluster: { access } }) => stepAnswer(access.tls, () => 'the certificate is trusted'),
  },
  {
    id: 'cluster-login',
    title: 'the API server accepts the login',
    costs: 'the target is blind: nothing is seen and nothing is done',
    cure: 'get a new token or certificate; `kubectl auth whoami` shows whether it is accepted',
    needs: ['cluster-tls'],
    judge: ({ target, cluster: { access } }) => {
      const entry = accessEntry(target);
      return stepAnswer(
        access.login,
        ({ user, groups }) =>
          user === null ? 'accepted' : `accepted as ${user}, groups ${groups.join(', ') || 'none'}`,
        { cure: entry ?? kubectl(target, 'auth whoami') },
      );
    },
  },
  {
    id: 'cluster-excess',
    title: 'the login is no administrator',
    costs: 'stolen credentials would be worth the whole cluster, and no admission policy would stop them',
    cure: 'give the watchdog a login of its own in the group scheduler-watchdog, with infra/k8s/rbac.yml',
    needs: ['cluster-login'],
    judge: ({ cluster: { access } }) => {
      if (!access.login?.ok || access.login.user === null) return [];
      return access.login.groups.includes('system:masters')
        ? [bad('warn', `${access.login.user} is in system:masters`)]
        : [ok('not in system:masters')];
    },
  },
  {
    id: 'cluster-clock',
    title: "our clock and the API server's agree",
    costs: 'ages of pods and events are shown wrong, and EKS refuses tokens of a clock that is 5 minutes off',
    cure: 'set the clock of this machine by NTP (`timedatectl set-ntp true`)',
    needs: ['cluster-login'],
    judge: ({ cluster: { pods, ourNow } }) => {
      if (pods?.kind !== 'answered') return [skipped('not asked, because of pods')];
      if (pods.serverNow === null) return [skipped('the API server sent no Date')];
      return [clockAnswer(ourNow - pods.serverNow, "the API server's")];
    },
  },
  {
    id: 'right',
    title: 'each right of infra/k8s/rbac.yml',
    costs: 'each right says its own',
    cure: 'apply infra/k8s/rbac.yml and bind the login to its group',
    needs: ['cluster-login'],
    judge: ({ target, cluster: { access } }) => {
      if (access.rights === null)
        return [skipped('SelfSubjectAccessReview was refused, so only the dry run tells')];
      return access.rights.map(({ right, allowed, detail }): Answer => {
        if (allowed === true) return ok('allowed', right);
        if (allowed === null) return bad('warn', detail, { about: right, costs: RIGHTS[right].costs });
        return bad(isNeeded(RIGHTS[right], target) ? 'fail' : 'warn', `forbidden${detail && `: ${detail}`}`, {
          about: right,
          costs: RIGHTS[right].costs,
          cure: `${applied(target, 'rbac.yml')}${bindingOf(access.login)}`,
        });
      });
    },
  },
];

function bindingOf(login: ClusterExam['access']['login']): string {
  if (!login?.ok || login.user === null || login.groups.includes('scheduler-watchdog')) return '';
  return ` (it binds the group scheduler-watchdog, which ${login.user} is not in)`;
}

const awsLook = ({ name, region }: Extract<Target['cluster'], { kind: 'eks' }>): string =>
  `aws eks describe-cluster --region ${region} --name ${name}`;

/** A witness that is the only one is needed. */
function isNeeded({ weight, subresource }: Right, { health, database }: Target): boolean {
  if (weight === 'need') return true;
  return subresource === 'proxy' && database === null && health.some(({ kind }) => kind === 'pod');
}

export function clockAnswer(skewMs: number, whose: string): Answer {
  const apart = formatDuration(Math.abs(skewMs));
  if (Math.abs(skewMs) <= LIMITS.clockSkewMs)
    return ok(`within ${formatDuration(LIMITS.clockSkewMs)} of ${whose}`);
  return bad('warn', `our clock is ${apart} ${skewMs > 0 ? 'ahead of' : 'behind'} ${whose}`);
}

/** A look that one witness fewer is worth, when it does not answer. */
export function lookAnswer<Facts extends object>(
  look: Look<Facts> | null,
  well: (facts: Facts) => Answer,
  level: 'warn' | 'fail' = 'warn',
  more: Omit<Answer, 'level' | 'says'> = {},
): readonly Answer[] {
  if (look === null) return [];
  return [look.kind === 'answered' ? well(look) : bad(level, look.detail, more)];
}
