export type Colour = 'blue' | 'green'
export const COLOURS = ['blue', 'green'] as const

export const isColour = (text: unknown): text is Colour => text === 'blue' || text === 'green'
export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

/** The Compose service of a colour. */
export const apiService = (colour: Colour): string => `ecomweb_api_${colour}`
/** The variable in `.env` that says which image a colour runs. */
export const imageVariable = (colour: Colour): 'API_BLUE_IMAGE' | 'API_GREEN_IMAGE' =>
  colour === 'blue' ? 'API_BLUE_IMAGE' : 'API_GREEN_IMAGE'
