/** Icons of 18 by 18, drawn in the colour of the text beside them. */
const PATHS = {
  overview: 'M2.5 15.5h13M4.5 12.5v-4M9 12.5v-9M13.5 12.5V6',
  logins: 'M1.5 9h3.2l2-5.5 4 11 2.1-5.5h3.7',
  tokens: 'M5.5 1.5h7v15h-7zM8 13.8h2',
  users: 'M9 8.2a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 16c.4-3.4 2.8-5 6-5s5.6 1.6 6 5',
  policies: 'M3 4.5h7M13.5 4.5H15M3 9h2M8.5 9H15M3 13.5h7M13.5 13.5H15M11.5 2.7v3.6M6.8 7.2v3.6M11.5 11.7v3.6',
  keys: 'M6 12.5a3.5 3.5 0 1 1 2.9-1.5L16 3.9M13 7l2 2M11 9l1.5 1.5',
  administrators: 'M9 1.7l6 2.3v4.6c0 3.6-2.5 6-6 7.7-3.5-1.7-6-4.1-6-7.7V4z',
  audit: 'M4 2h7l3 3v11H4zM6.5 8h5M6.5 11h5',
  report: 'M2.5 3.5h13v12h-13zM2.5 7.5h13M6 1.5v3M12 1.5v3M6 12.5v-2M9 12.5v-3.5M12 12.5v-1',
  settings:
    'M9 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 1.5v2M9 14.5v2M1.5 9h2M14.5 9h2M3.7 3.7l1.4 1.4M12.9 12.9l1.4 1.4M3.7 14.3l1.4-1.4M12.9 5.1l1.4-1.4',
  doctor: 'M9 3.5v11M3.5 9h11',
  start: 'M3.5 9.5l3.7 3.7 7.3-8.2',
  enroll: 'M2 2h5v5H2zM11 2h5v5h-5zM2 11h5v5H2zM11 11h2v2M16 11v5h-5v-2',
  invitations: 'M2 4h14v10H2zM2 4.5l7 5.5 7-5.5',
  menu: 'M2.5 5h13M2.5 9h13M2.5 13h13',
  close: 'M4 4l10 10M14 4L4 14',
  theme: 'M9 2a7 7 0 1 0 7 7 5.5 5.5 0 0 1-7-7z',
  leave: 'M7 3H3v12h4M11 5.5L14.5 9 11 12.5M14.5 9H7',
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg
    width="18"
    height="18"
    viewBox="0 0 18 18"
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
)
