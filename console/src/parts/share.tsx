/** The share of a whole, as a bar beside its figure. */
export const Share = ({ of, class: tone = 'fill-accent' }: { readonly of: number; readonly class?: string }) => (
  <svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect class={tone} width={Math.max(of > 0 ? 1 : 0, Math.min(100, of * 100))} height="6" />
  </svg>
)
