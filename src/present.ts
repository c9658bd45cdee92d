/** The same fields, those that may be undefined now optional. */
export type Present<Fields> = {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key]
} & {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>
}

/** The fields without those that are undefined: what was not sent is not there, in types as in values. */
export function present<Fields extends object>(fields: Fields): Present<Fields>
export function present(fields: object): object {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value
  return kept
}
