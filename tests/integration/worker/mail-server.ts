import { connect } from 'node:net'
import { ensureImages } from '../../../scripts/images/ensure.ts'
import { textProgress } from '../../../scripts/output/progress.ts'
import { execRunner } from '../../../scripts/run.ts'
import { run } from '../../e2e/harness/process.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'

const IMAGE = 'localhost/ecomweb/smtp:7'

/** A mail server with the users anna and ben at shop.test. */
export type MailServer = {
  /** Of the open port, and of the one that wants TLS and a login. */
  port: number
  loginPort: number
  /** The mails that a user has got, as they lie in the mailbox. */
  mailbox(user: string): Promise<string[]>
  /** Turns these recipients away with 451 from now on. */
  turnAway(...addresses: string[]): Promise<void>
  remove(): Promise<void>
}

/** Starts a server in a container that is removed, like those of PostgreSQL, once this process is gone. */
export async function startMailServer(): Promise<MailServer> {
  const progress = textProgress(process.stderr)
  await ensureImages({ runner: execRunner(), progress, images: [IMAGE] })
  const name = `ecw-data-${process.pid}-smtp`
  const docker = async (...args: string[]) => (await run('docker', args)).stdout
  await docker('run', '-d', '--name', name, '-p', '127.0.0.1::25', '-p', '127.0.0.1::587', IMAGE)
  const inside = (script: string) => docker('exec', name, 'sh', '-c', script)
  const portOf = async (port: number) =>
    Number((await docker('port', name, `${port}`)).trim().split(':').at(-1))
  const port = await portOf(25)
  await waitUntil('the mail server greets', () => greets(port), { everyMs: 50 })
  return {
    port,
    loginPort: await portOf(587),
    async mailbox(user) {
      const files = await inside(`for file in /home/${user}/Maildir/new/*; do
        [ -f "$file" ] && cat "$file" && printf '\\f'; done; true`)
      return files.split('\f').filter((text) => text !== '')
    },
    async turnAway(...addresses) {
      await inside(
        `printf '%s\\n' nobody@invalid ${addresses.join(' ')} > /etc/mail-later && smtpctl update table later`,
      )
    },
    async remove() {
      await docker('rm', '-f', '-v', name)
    },
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(1000, () => socket.destroy())
    socket.once('data', () => socket.end('QUIT\r\n', () => resolve(true)))
    socket.once('error', () => {})
    socket.once('close', () => resolve(false))
  })
}
