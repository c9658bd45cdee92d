import { boolean, integer, object } from './shape.ts'

/** The value of `POST /token/lost/<serial>`. privacyIDEA makes a temporary password token there: `init` says whether, and
 *  `serial`, `user`, `pin`, `password`, `valid_to` and `end_date` are of it. */
export const lostAnswer = ({ disabled }: { readonly disabled: number }): Readonly<Record<string, unknown>> => ({
  init: false,
  disable: disabled,
})

export const lostShape = object({
  init: boolean('false: nothing was made in its place'),
  disable: integer('How many tokens were disabled'),
})
