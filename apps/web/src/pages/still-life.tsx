/** A shelf with a lamp, a mug, a bag and notebooks: drawn in the colours of the theme, for the eye only. */
export function StillLife() {
  return (
    <svg className="still-life" viewBox="0 0 440 340" aria-hidden="true" focusable="false">
      <circle className="tone-glow" cx="118" cy="150" r="106" />
      <rect className="tone-wood" x="10" y="282" width="420" height="12" rx="6" />
      <path className="tone-shade" d="M64 294h14l-5 30h-7zm298 0h14l-3 30h-7z" />
      {/* lamp */}
      <path className="tone-line" d="M118 276V150" />
      <rect className="tone-brass" x="84" y="272" width="68" height="10" rx="5" />
      <path className="tone-brass" d="M92 88h52l26 66H66z" />
      {/* bag */}
      <path className="tone-line" d="M218 176v-24a26 26 0 0 1 52 0v24" />
      <path className="tone-cloth" d="M186 168h116l-10 114h-96z" />
      <path className="tone-stitch" d="M197 182h94" />
      {/* mug on notebooks */}
      <rect className="tone-paper" x="318" y="264" width="96" height="18" rx="3" />
      <rect className="tone-green" x="324" y="246" width="84" height="18" rx="3" />
      <path className="tone-rim" d="M388 202h8a15 15 0 0 1 0 30h-10" />
      <path className="tone-enamel" d="M336 188h54v46a12 12 0 0 1-12 12h-30a12 12 0 0 1-12-12z" />
      <path className="tone-rim" d="M336 190h54" />
      <path className="tone-steam" d="M352 174c-6-9 6-14 0-24m20 24c-6-9 6-14 0-24" />
    </svg>
  )
}
