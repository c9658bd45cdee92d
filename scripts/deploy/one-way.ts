/** What a version does wrong on data that later versions have written. Each is known by the migration that came with it: a version whose
 *  schema ends before it does not know it. */
export const ONE_WAY: readonly { readonly since: string; readonly consequence: string }[] = [
  {
    since: '0007_master_keys',
    consequence:
      'It cannot open PINs, passwords and signing keys that were sealed since: users with a new PIN cannot log in, and phones enrolled since get no prompts.',
  },
  {
    since: '0015_administrators',
    consequence: 'It does not know the phones of administrators: their passwords alone sign them in.',
  },
  {
    since: '0017_phone_regions',
    consequence:
      'It does not know that phones have moved: those that have cannot log in until the later version is back. And it does not know JURISDICTION: with one set it would use other objects, outside of it.',
  },
  {
    since: '0024_imported_tokens',
    consequence:
      'It does not ask others about PINs: of an imported token whose PIN is not known here yet, every PIN is wrong and counted; and it reads otppin=userstore as the PIN of the token, which may be empty. Remove policies with otppin=userstore first.',
  },
]
