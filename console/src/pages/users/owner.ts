/** A user in a realm. */
export type Owner = Readonly<Record<'user' | 'realm', string>>
