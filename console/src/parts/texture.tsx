/** Textures that tell colours apart: nothing is said by colour alone. */
export type Texture = 'hatched' | 'dotted'

/** How something is drawn: the class that colours it, and what lies over the colour. */
export interface Look {
  readonly class: string
  readonly texture?: Texture
}

/** The textures of a picture, to fill shapes with by `url(#<id>-<texture>)`. */
export const Textures = ({ id }: { readonly id: string }) => (
  <defs>
    <pattern id={`${id}-hatched`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="texture" width="2" height="5" />
    </pattern>
    <pattern id={`${id}-dotted`} width="6" height="6" patternUnits="userSpaceOnUse">
      <circle class="texture" cx="3" cy="3" r="1.3" />
    </pattern>
  </defs>
)

/** A small sample of a look, for a legend. */
export const Swatch = ({ of: { class: colour, texture } }: { readonly of: Look }) => (
  <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
    <rect class={colour} width="12" height="12" />
    {texture === 'hatched' && <path class="texture-line" d="M-2 14L14-2M-2 7L7-2M5 14L14 5" />}
    {texture === 'dotted' && <path class="texture-dots" d="M3.5 3.5h0M8.5 3.5h0M3.5 8.5h0M8.5 8.5h0" />}
  </svg>
)
