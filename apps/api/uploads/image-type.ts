export type ImageType = { mime: 'image/png' | 'image/jpeg' | 'image/webp'; extension: 'png' | 'jpg' | 'webp' }

/** As many bytes as it takes to tell. */
export const SIGNATURE_BYTES = 12

const types: Record<ImageType['extension'], ImageType> = {
  png: { mime: 'image/png', extension: 'png' },
  jpg: { mime: 'image/jpeg', extension: 'jpg' },
  webp: { mime: 'image/webp', extension: 'webp' },
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const JPEG = Buffer.from([0xff, 0xd8, 0xff])

/** What a file is by its first bytes, whatever its name and headers say. */
export function imageType(head: Buffer): ImageType | undefined {
  if (head.subarray(0, PNG.length).equals(PNG)) return types.png
  if (head.subarray(0, JPEG.length).equals(JPEG)) return types.jpg
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP') return types.webp
  return undefined
}

/** The type of a stored file, by the extension that it was given when it was checked. */
export function storedType(id: string): ImageType | undefined {
  return types[id.slice(id.lastIndexOf('.') + 1) as ImageType['extension']]
}
