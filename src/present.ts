/** The same fields; those that may be undefined are optional. */
export type Present<Fields> = {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key]
} & {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>
}

/** Drops the undefined fields of an object. Only for objects whose keys are listed, compared or spread over others: see decision
 *  0020. */
export function present<Fields extends object>(fields: Fields): Present<Fields>
export function present(fields: object): object {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value
  return kept
}
