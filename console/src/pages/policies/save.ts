import { call, type Nod, type Outcome, type ValueOf } from '../../../../client/src/index.ts'
import { type Draft, parametersOf } from './draft.ts'

export type PolicyHistory = ValueOf<'GET /policy/{name}/history'>

/** Saves what was typed, if the policy still has this revision; 0: if there is none. */
export const saveDraft = (nod: Nod, draft: Draft, revision: number): Promise<Outcome<ValueOf<'POST /policy/{name}'>>> =>
  call(nod, 'POST /policy/{name}', { ...parametersOf(draft), revision })
