/** The widths in which a product's picture is kept beside the original, in pixels. */
export const PICTURE_WIDTHS = [320, 640, 1280] as const

const UPLOAD = /^[0-9a-f]{16}-[A-Za-z0-9_-][A-Za-z0-9._-]*\.(png|jpg|webp)$/
const SIZED = /\.w\d+\.webp$/

/** The id of the upload that an image_url names, if it is one that sizes are made of. */
export function pictureOf(imageUrl: string): string | undefined {
  const id = imageUrl.startsWith('/api/uploads/') ? imageUrl.slice('/api/uploads/'.length) : ''
  return UPLOAD.test(id) && !SIZED.test(id) ? id : undefined
}

/** The id under which a size of an upload is served: 0123456789abcdef-mug.png.w640.webp. */
export const sizedPicture = (id: string, width: number): string => `${id}.w${width}.webp`

/** The id of the upload that a file is a size of. */
export const originalOf = (file: string): string | undefined =>
  SIZED.test(file) ? file.replace(SIZED, '') : undefined
