import { assertNever } from '../core/errors.ts';
import type { Received } from './alert-stand-ins.ts';
import type { KubeletNews } from './kubelet.ts';
import type { Teller } from './teller.ts';

/** What kubelet's stand-in did. */
export function tellNews(teller: Teller, news: KubeletNews): void {
  teller.event(news.event, { ...news });
  teller.say(sentenceOf(news), news.event === 'pod-failed' ? 'red' : undefined);
}

function sentenceOf(news: KubeletNews): string {
  switch (news.event) {
    case 'pod-started':
      return `pod ${news.pod} started (pids ${news.pids.join(' and ')})`;
    case 'pod-terminating':
      return `kubelet (stand-in): SIGTERM to pid ${news.pid}, ${news.graceSeconds} s of grace`;
    case 'pod-ended':
      return `pod ${news.pod} is gone (${news.signal})`;
    case 'pod-failed':
      return `pod ${news.pod} failed: ${news.detail}`;
    default:
      return assertNever(news);
  }
}

/** An alert as it arrived on the far side. */
export function receivedLine(teller: Teller, received: Received): void {
  const { channel, kind, title } = received;
  teller.event('alert-received', { ...received });
  teller.say(`→ ${channel === 'slack' ? 'Slack' : 'PagerDuty'} ${kind}: ${title}`, 'cyan');
}
