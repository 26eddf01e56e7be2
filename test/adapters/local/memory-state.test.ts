import { createMemoryState } from '../../../functions/adapters/local/memory-state.ts';
import { describeStateStore } from '../../contracts/state-store.ts';

describeStateStore('memory', async () => createMemoryState());
