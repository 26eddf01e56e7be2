import { type PreviewedStory, previewPage } from './page.ts';
import { previewStories } from './stories.ts';
import { takenBy } from './taken.ts';

export async function makePreview(): Promise<string> {
  const stories: PreviewedStory[] = [];
  for (const story of await previewStories()) stories.push({ ...story, taken: await takenBy(story.told) });
  return previewPage(stories);
}
