import type { SlackSettings } from '../../../config/channels/slack.ts';
import type { CreateSender } from '../sender.ts';
import { slackBot } from './bot.ts';
import { slackWebhook } from './webhook.ts';

/** A bot where there is a token, else an incoming webhook. */
export const createSender: CreateSender<SlackSettings> = (settings, { request, buttons = false }) => {
  const { webhook, token = '', channel = '', endpoint = null } = settings;
  return webhook === undefined
    ? slackBot({ token, channel, endpoint, request, buttons })
    : slackWebhook({ webhook, endpoint, request });
};
