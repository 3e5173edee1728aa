import { shortId } from '../../docker/application-image.ts'
import { megabytes } from '../bytes.ts'
import { check, type Found, stop, unlessSeen } from '../check.ts'
import type { Whereabouts } from '../facts.ts'

export const imageCheck = check({
  id: 'image',
  title: 'Images on this host, or to be had',
  needs: ['candidate', 'images'],
  look({ candidate: { whereabouts, image, asked }, images }) {
    const lacking = [whereabouts, ...images].flatMap((one) => (one.where === 'nowhere' ? [absent(one)] : []))
    const size = image ? `, ${megabytes(image.size)}` : ''
    const place = whereabouts.where === 'here' ? 'here' : 'in its registry'
    return unlessSeen(
      lacking,
      `${asked ? '' : 'live '}${shortId(whereabouts.reference)} ${place}${size}; ${images.length} others`,
    )
  },
})

const absent = ({ reference, why }: Extract<Whereabouts, { where: 'nowhere' }>): Found =>
  stop(
    `image ${shortId(reference)} is neither on this host nor can it be pulled`,
    `a container that is to run it would be stopped and not come back: ${why}`,
    reference.startsWith('sha256:')
      ? `docker images   then name one that exists in .env, or ./ecomweb deploy IMAGE`
      : `docker pull ${reference}   (or build it, or docker load < image.tar)`,
  )

export const contractCheck = check({
  id: 'contract',
  title: 'Image contract',
  needs: ['candidate', 'contract'],
  look({ candidate: { whereabouts }, contract }) {
    if (contract.length === 0) return { skipped: 'not known before the image is on this host' }
    const broken = contract.filter(({ verdict }) => verdict === 'failed')
    return unlessSeen(
      broken.map(({ title, detail, next }) =>
        stop(
          `the image breaks the contract: it should be one that ${title}`,
          detail,
          next ?? `./ecomweb verify ${whereabouts.reference}`,
        ),
      ),
      `${contract.length} points kept`,
    )
  },
})
